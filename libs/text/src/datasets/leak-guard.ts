import { createHash } from 'node:crypto';
import type { DatasetSummary, SplitName } from '@regatta/contracts';
import { storable } from './found.js';

type Leaks = NonNullable<DatasetSummary['leaks']>;

const mostExamples = 10;
const shownText = 200;
const splitCodes = { train: 0, validation: 1, test: 2 } as const;

/**
 * 48 bits of the SHA-256 of an input: among ten million different ones, two meet with a chance of 1 in 6. Case counts; how blanks and
 * accents are written does not.
 */
function hashOf(key: string): number {
  const plain = key.normalize('NFC').replace(/\s+/gu, ' ').trim();
  return createHash('sha256').update(plain).digest().readUIntBE(0, 6);
}

/**
 * Finds inputs that occur more than once, above all those that would be trained on though they are held out. It keeps 17 bytes an
 * example and 48 bits of each different input, not the inputs.
 */
export class LeakGuard {
  private hashes = new Float64Array(1024);
  private lines = new Uint32Array(1024);
  private splits = new Uint8Array(1024);
  private count = 0;
  private readonly seen = new Set<number>();
  private readonly held = new Set<number>();
  private readonly repeated: Leaks['examples'] = [];

  /** @param key the input, as the model reads it */
  add(key: string, split: SplitName | null, line: number): void {
    if (this.count === this.hashes.length) this.grow();
    const hash = hashOf(key);
    const repeats = this.seen.has(hash);
    this.seen.add(hash);
    if (repeats && this.repeated.length < mostExamples) this.repeated.push({ line, text: shown(key) });
    if (split === 'validation' || split === 'test') this.held.add(hash);
    this.hashes[this.count] = hash;
    this.lines[this.count] = line;
    this.splits[this.count] = splitCodes[split ?? 'train'];
    this.count++;
  }

  private grow(): void {
    const size = 2 * this.count;
    const hashes = new Float64Array(size);
    const lines = new Uint32Array(size);
    const splits = new Uint8Array(size);
    hashes.set(this.hashes);
    lines.set(this.lines);
    splits.set(this.splits);
    Object.assign(this, { hashes, lines, splits });
  }

  /** Whether the example with this number (from 0) is trained on though its input is held out. */
  leaks(number: number): boolean {
    return this.splits[number] === splitCodes.train && this.held.has(this.hashes[number]);
  }

  lineOf(number: number): number {
    return this.lines[number];
  }

  /** How many leak. */
  leaking(): number {
    let count = 0;
    if (this.held.size > 0) for (let i = 0; i < this.count; i++) if (this.leaks(i)) count++;
    return count;
  }

  /** @param removed those that were taken out, shown first */
  report(removed: Leaks['examples'], removedCount: number): Leaks {
    return {
      duplicates: this.count - this.seen.size,
      removed: removedCount,
      examples: [...removed, ...this.repeated].slice(0, mostExamples),
    };
  }
}

/** An input, short enough to be shown. */
export function shown(key: string): string {
  const text = key.replaceAll('\0', ' · ');
  return storable(text.length <= shownText ? text : `${text.slice(0, shownText)}…`);
}
