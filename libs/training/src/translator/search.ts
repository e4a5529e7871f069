import { beamSearch, greedySearch, type Hypothesis } from '@regatta/models';
import { Decoder } from './decoder.js';
import type { SpecialIds } from './pairs.js';
import type { TranslationPrograms } from './programs.js';
import type { DecodingShape } from './scratch.js';

export interface SearchSettings {
  /** Hypotheses that are followed at a time; 1 is greedy. */
  beamSize: number;
  /** α of Wu et al., 2016, equation 14. */
  lengthPenalty: number;
  /** Most tokens of a translation, the end token included (default and at most: what the model takes). */
  maxLength?: number;
}

/** Lengths of sources that there are graphs for: the longest one that the model takes, and halves of it. */
export function sourceLengths(maxLength: number): number[] {
  const lengths = [maxLength];
  while (lengths.length < 4 && lengths[0] > 16) lengths.unshift(Math.ceil(lengths[0] / 2));
  return lengths;
}

/** The shape for so many rows and so long a source: few or many rows, so that a single sentence does not pay for a batch. */
export function decodingShape(maxLength: number, rows: number, longest: number): DecodingShape {
  const sourceLength = sourceLengths(maxLength).find((length) => longest <= length) ?? maxLength;
  const capacity = Math.min(maxLength, Math.max(64, 2 * sourceLength));
  return { batch: rows <= 4 ? 4 : mostRows(maxLength), sourceLength, capacity };
}

/** Rows of the largest batch: less of them where a cache is long. */
export const mostRows = (maxLength: number): number => (maxLength <= 256 ? 32 : 16);

/** Every shape that decoding can take. */
export const decodingShapes = (maxLength: number): DecodingShape[] =>
  sourceLengths(maxLength).flatMap((length) =>
    [1, mostRows(maxLength)].map((rows) => decodingShape(maxLength, rows, length)),
  );

/**
 * The best translation of each sentence (ids without special tokens), in order. Sentences of like length are translated together.
 * @throws RangeError where a sentence is longer than the model takes
 */
export async function searchTranslations(
  programs: TranslationPrograms,
  maxLength: number,
  sentences: readonly Int32Array[],
  settings: SearchSettings,
  special: SpecialIds,
): Promise<Hypothesis[]> {
  const { beamSize, lengthPenalty } = settings;
  const order = sentences.map((_, i) => i).sort((a, b) => sentences[a].length - sentences[b].length || a - b);
  const together = Math.floor(mostRows(maxLength) / beamSize);
  const found: Hypothesis[] = new Array(sentences.length);
  for (let at = 0; at < order.length; at += together) {
    const chosen = order.slice(at, at + together);
    const sources = chosen.map((i) => sentences[i]);
    const longest = Math.max(...sources.map((ids) => ids.length)) + 1;
    const shape = decodingShape(maxLength, chosen.length * beamSize, longest);
    const decoder = await Decoder.begin(programs, shape, sources, beamSize, special);
    const options = {
      batch: chosen.length,
      beginId: special.bosId,
      endId: special.eosId,
      capacity: Math.min(shape.capacity, settings.maxLength ?? shape.capacity),
      lengthPenalty,
    };
    const step = decoder.step.bind(decoder);
    const hypotheses =
      beamSize === 1
        ? await greedySearch(step, options)
        : (await beamSearch(step, { ...options, beamSize })).map(([best]) => best);
    hypotheses.forEach((hypothesis, i) => {
      found[chosen[i]] = hypothesis;
    });
  }
  return found;
}
