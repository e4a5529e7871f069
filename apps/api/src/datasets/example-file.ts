import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { ExampleStore } from '@regatta/text';

const bufferedLength = 256 * 1024;

/** Examples in a file of JSON Lines. */
export class ExampleFile implements ExampleStore {
  private constructor(
    private readonly path: string,
    private handle: FileHandle,
  ) {}

  static async create(path: string): Promise<ExampleFile> {
    return new ExampleFile(path, await open(path, 'w'));
  }

  async append(lines: string): Promise<void> {
    await this.handle.appendFile(lines);
  }

  async filter(keep: (line: string, number: number) => boolean): Promise<void> {
    await this.close();
    const all = `${this.path}.all`;
    await rename(this.path, all);
    this.handle = await open(this.path, 'w');
    let number = 0;
    let kept = '';
    for await (const line of linesOf(all)) {
      if (keep(line, number++)) kept += `${line}\n`;
      if (kept.length < bufferedLength) continue;
      await this.append(kept);
      kept = '';
    }
    await this.append(kept);
    await rm(all);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** By line feeds alone: node:readline also ends lines at U+2028, which JSON may hold. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
