import { createHash } from 'node:crypto';
import { RandomStream } from '@regatta/random';

export interface DocumentSplit {
  /** Document numbers, ascending. */
  train: Int32Array;
  validation: Int32Array;
}

/**
 * Which documents are held out: evenly spread (0.05: every 20th), the first of them drawn from the seed. A copy of an earlier
 * document goes where that one went, so that nothing is tested on a text that was trained on. Of two or more different documents
 * at least one is held out and one is not.
 */
export function splitDocuments(
  documents: readonly (readonly string[])[],
  validationFraction: number,
  seed: number,
): DocumentSplit {
  const firstOf = new Map<string, number>();
  const train: number[] = [];
  const validation: number[] = [];
  const groups: number[][] = [];
  documents.forEach((document, i) => {
    const content = createHash('sha256').update(document.join('\n')).digest('base64');
    const first = firstOf.get(content);
    if (first !== undefined) groups[first].push(i);
    else firstOf.set(content, groups.push([i]) - 1);
  });
  const held = heldOut(groups.length, validationFraction, seed);
  groups.forEach((group, i) => {
    for (const document of group) (held[i] ? validation : train).push(document);
  });
  return { train: Int32Array.from(train).sort(), validation: Int32Array.from(validation).sort() };
}

function heldOut(n: number, fraction: number, seed: number): boolean[] {
  const count = n < 2 || fraction === 0 ? 0 : Math.min(n - 1, Math.max(1, Math.round(n * fraction)));
  if (count === 0) return new Array(n).fill(false);
  const period = n / count;
  const offset = new RandomStream({ seed, site: 'split.documents' }).integer(0, Math.max(1, Math.floor(period)));
  const held = new Array<boolean>(n).fill(false);
  for (let i = 0; i < count; i++) held[Math.floor(i * period) + offset] = true;
  return held;
}
