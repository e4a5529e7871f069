import { readFileSync } from 'node:fs';
import { ProblemError } from '@regatta/client';
import type { RunBodyInput } from '@regatta/contracts';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { UsageError } from './exit-codes.js';

/** A file that describes a run, and where in it everything stands. JSON is YAML too. */
export class RunFile {
  private readonly document: Document;
  private readonly lines = new LineCounter();

  /** @throws UsageError with file, line and column where the text is neither JSON nor YAML, or is no object */
  constructor(
    private readonly name: string,
    text: string,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    const wrong = this.document.errors.map(({ message, pos }) => `${this.at(pos[0])}: ${message}`);
    if (wrong.length > 0) throw new UsageError(wrong.join('\n'));
    const body: unknown = this.document.toJS();
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new UsageError(`${name}:1:1: a run is described by an object: {"task": …, "dataset": …}`);
  }

  /** @param file - reads standard input */
  static read(file: string): RunFile {
    const name = file === '-' ? 'standard input' : file;
    try {
      return new RunFile(name, readFileSync(file === '-' ? 0 : file, 'utf8'));
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError(`${name}: ${(error as Error).message}`);
    }
  }

  get body(): RunBodyInput {
    return this.document.toJS() as RunBodyInput;
  }

  /** What the API found wrong, with the line of each; any other error as it is. */
  explain(error: unknown): unknown {
    if (!(error instanceof ProblemError) || error.errors.length === 0) return error;
    const lines = error.errors.map(({ path, message }) => `${this.where(path)}: ${path}: ${message}`);
    return new UsageError([error.message, ...lines].join('\n'));
  }

  /** `file:line:column` of a field (`model.layers.0`); of what is not there, the object that lacks it. */
  where(path: string): string {
    const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
    for (let depth = keys.length; depth >= 0; depth--) {
      const found = this.document.getIn(keys.slice(0, depth), true);
      if (isNode(found) && found.range) return this.at(found.range[0]);
    }
    return `${this.name}:1:1`;
  }

  private at(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.name}:${line}:${col}`;
  }
}
