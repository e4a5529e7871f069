import type { SplitName } from '@regatta/contracts';
import { answersOfCell, placeAnswers } from './answers.js';
import type { Columns } from './columns.js';
import type { Example, ExampleKind } from './examples.js';
import { type Found, hasNul, textOf, type Warn } from './found.js';
import { cutText, longestContext, longestLabel, longestSentence, longestText } from './limits.js';
import type { Role } from './roles.js';
import { knownSplit } from './split-name.js';
import type { Row } from './table.js';
import { taggingExample } from './tagging.js';

/** A row that is no example; the message says why. */
class Unusable extends Error {}

/** @returns the example of a row, or why it is none */
export function exampleOfRow(
  kind: ExampleKind,
  row: Row,
  columns: Columns,
  split: SplitName | null,
  warn: Warn,
): Found {
  const { line } = row;
  try {
    const cells = new Cells(row, columns, warn);
    return { line, example: builders[kind](cells, split ?? cells.split()) };
  } catch (error) {
    if (error instanceof Unusable) return { line, problem: error.message };
    throw error;
  }
}

/** A row's cells by what they are taken for. */
class Cells {
  constructor(
    private readonly row: Row,
    private readonly columns: Columns,
    private readonly warn: Warn,
  ) {}

  value(role: Role): unknown {
    const column = this.columns[role];
    return column === undefined ? undefined : this.row.cells[column];
  }

  /** Text that must be there. */
  text(role: Role): string {
    const text = textOf(this.value(role));
    if (text === undefined) throw new Unusable(`Has no ${role === 'textPair' ? 'second text' : role}.`);
    if (hasNul(text)) throw new Unusable(`Holds a NUL character in its ${role}.`);
    if (text.includes('\ufffd')) this.say('Holds damaged characters (U+FFFD).');
    return text;
  }

  /** Text of which only the beginning will be read. */
  longText(role: Role): string {
    const text = this.text(role);
    if (text.length <= longestText) return text;
    this.say(
      `A text of ${text.length.toLocaleString('en')} characters was cut to ${longestText.toLocaleString('en')}.`,
    );
    return cutText(text, longestText);
  }

  /** Text that is of no use in part. */
  wholeText(role: Role, limit: number): string {
    const text = this.text(role);
    if (text.length > limit)
      throw new Unusable(
        `The ${role} has ${text.length.toLocaleString('en')} characters; at most ${limit.toLocaleString('en')} are read.`,
      );
    return text;
  }

  /** The split that its column names; null without such a column. */
  split(): SplitName | null {
    if (this.columns.split === undefined) return null;
    const value = this.value('split');
    const split = knownSplit(value);
    if (!split) throw new Unusable(`${JSON.stringify(value ?? '')} is none of train, validation and test.`);
    return split;
  }

  say(message: string): void {
    this.warn(this.row.line, message);
  }

  get line(): number {
    return this.row.line;
  }
}

const builders: Record<ExampleKind, (cells: Cells, split: SplitName | null) => Example> = {
  classification: (cells, split) => ({
    split,
    text: cells.longText('text'),
    label: cells.wholeText('label', longestLabel),
  }),
  'pair-classification': (cells, split) => ({
    split,
    text: cells.longText('text'),
    textPair: cells.longText('textPair'),
    label: cells.wholeText('label', longestLabel),
  }),
  regression: (cells, split) => ({
    split,
    text: cells.longText('text'),
    textPair: cells.value('textPair') === undefined ? null : cells.longText('textPair'),
    value: numberOf(cells),
  }),
  translation: (cells, split) => ({
    split,
    source: cells.wholeText('source', longestSentence),
    target: cells.wholeText('target', longestSentence),
  }),
  tagging: (cells, split) => {
    const found = taggingExample(listOf(cells.value('tokens')), listOf(cells.value('tags')), split);
    if ('problem' in found) throw new Unusable(found.problem);
    return found.example;
  },
  'question-answering': (cells, split) => {
    const question = cells.wholeText('question', longestText);
    const id = textOf(cells.value('id')) ?? `line-${cells.line}`;
    // Kept as it stands: answers are places in it.
    const context = cells.value('context');
    cells.wholeText('context', longestContext);
    if (typeof context !== 'string') throw new Unusable('The context is no text.');
    const given = answersOfCell(cells.value('answer'), cells.value('answerStart'));
    if ('problem' in given) throw new Unusable(given.problem);
    const placed = placeAnswers(context, given.answers, (message) => cells.say(message));
    if ('problem' in placed) throw new Unusable(placed.problem);
    return { split, id, question, ...placed };
  },
};

function numberOf(cells: Cells): number {
  const text = cells.text('label');
  const value = Number(text.replace(/^([-+]?\d*),(\d+)$/, '$1.$2'));
  if (!Number.isFinite(value)) throw new Unusable(`${JSON.stringify(text.slice(0, 40))} is no number.`);
  return value;
}

/** Tokens or tags: a list, or a text with blanks between them. */
function listOf(cell: unknown): unknown[] {
  if (Array.isArray(cell)) return cell;
  const text = textOf(cell);
  return text === undefined ? [] : text.split(/\s+/);
}
