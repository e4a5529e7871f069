import { AppError, type SplitName } from '@regatta/contracts';
import type { Found, Warn } from './found.js';
import { linesOf } from './lines.js';
import { exampleOfRow } from './row-examples.js';

/**
 * Pairs of two files with a sentence a line: line i of one is the translation of line i of the other.
 * @throws AppError `invalid-file` where they have different numbers of lines
 */
export function* parallelExamples(
  source: Uint8Array,
  target: Uint8Array,
  split: SplitName | null,
  warn: Warn,
): Generator<Found> {
  const counts = [countLines(source), countLines(target)];
  if (counts[0] !== counts[1])
    throw new AppError(
      'invalid-file',
      `The source has ${counts[0].toLocaleString('en')} lines, the target ${counts[1].toLocaleString('en')}; line by line they must be translations of each other.`,
      { next: 'Look where they part: a sentence that was broken into two lines, or a line that is missing.' },
    );
  const targets = linesOf(target);
  for (const { line, text } of linesOf(source)) {
    const cells = [text, targets.next().value?.text];
    if (cells.every((cell) => (cell ?? '').trim() === '')) continue; // blank on both sides
    yield exampleOfRow('translation', { line, cells }, { source: 0, target: 1 }, split, warn);
  }
}

/** Blank lines at the end do not count. */
function countLines(bytes: Uint8Array): number {
  let last = 0;
  for (const { line, text } of linesOf(bytes)) if (text.trim() !== '') last = line;
  return last;
}
