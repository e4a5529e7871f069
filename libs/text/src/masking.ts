import { RandomStream } from '@regatta/random';
import type { WordPieceTokenizer } from './wordpiece.js';

export interface MaskingOptions {
  /** Share of the ordinary tokens that is chosen. */
  maskProbability: number;
  /** All pieces of a word together. */
  wholeWord: boolean;
}

/** Whose masks: keyed by these alone, so they do not depend on micro-batches or on who computes them. */
export interface MaskPlace {
  seed: number;
  step: number;
  shard: number;
}

/**
 * How many of n ordinary tokens are chosen: max(1, round(probability · n)), as in BERT's own code, and 0 of 0. A function of the
 * length alone, so that every rank knows a step's counts from its plan.
 */
export function maskedCount(n: number, maskProbability: number): number {
  return Math.min(n, Math.max(1, Math.round(maskProbability * n)));
}

const tableSize = 2 ** 20;

/**
 * Chooses and replaces the masked tokens of rows of a shard: 80 % become [MASK], 10 % a random ordinary token, 10 % stay.
 * Position t of row r draws number r · length + t of the sites `mlm.choose`, `mlm.action` and `mlm.token`.
 */
export class Masker {
  private readonly choose: RandomStream;
  private readonly action: RandomStream;
  private readonly token: RandomStream;

  /** @param length positions a row (the bucket's length): the stride of the counters */
  constructor(
    place: MaskPlace,
    private readonly tokenizer: Pick<WordPieceTokenizer, 'maskId' | 'ordinaryIds' | 'continuing'>,
    private readonly options: MaskingOptions,
    private readonly length: number,
  ) {
    this.choose = new RandomStream({ ...place, site: 'mlm.choose' });
    this.action = new RandomStream({ ...place, site: 'mlm.action' });
    this.token = new RandomStream({ ...place, site: 'mlm.token' });
  }

  /**
   * Masks one row in place.
   * @param ids the row, [length] or the part of it that is not padding
   * @param candidates positions of its ordinary tokens, ascending
   * @param row its number within the whole shard
   * @returns the chosen positions, ascending, and the ids that stood there: maskedCount(candidates.length) of each
   */
  mask(ids: Int32Array, candidates: readonly number[], row: number): { positions: number[]; labels: number[] } {
    const base = row * this.length;
    const count = maskedCount(candidates.length, this.options.maskProbability);
    const groups = this.options.wholeWord ? this.wordsAmong(ids, candidates) : candidates.map((position) => [position]);
    const positions = this.chosen(groups, base, count).sort((a, b) => a - b);
    const labels = positions.map((position) => ids[position]);
    for (const position of positions) {
      const dice = this.action.uniform(base + position);
      if (dice < 0.8) ids[position] = this.tokenizer.maskId;
      else if (dice < 0.9) {
        const { ordinaryIds } = this.tokenizer;
        ids[position] = ordinaryIds[this.token.integer(base + position, ordinaryIds.length)];
      }
    }
    return { positions, labels };
  }

  /**
   * Exactly `count` positions: groups in random order, one that would exceed the count is passed over (as in BERT's code); what is
   * still missing at the end comes from the front of the first group passed over, the only word that is masked in part.
   */
  private chosen(groups: number[][], base: number, count: number): number[] {
    const order = new Float64Array(groups.length);
    for (let g = 0; g < groups.length; g++) order[g] = this.choose.word(base + groups[g][0]) * tableSize + g;
    order.sort();
    const positions: number[] = [];
    let passedOver: number[] | undefined;
    for (const key of order) {
      if (positions.length === count) break;
      const group = groups[key % tableSize];
      if (positions.length + group.length <= count) positions.push(...group);
      else passedOver ??= group;
    }
    if (passedOver !== undefined) positions.push(...passedOver.slice(0, count - positions.length));
    return positions;
  }

  private wordsAmong(ids: Int32Array, candidates: readonly number[]): number[][] {
    const groups: number[][] = [];
    candidates.forEach((position, i) => {
      const follows = i > 0 && candidates[i - 1] === position - 1 && this.tokenizer.continuing[ids[position]] === 1;
      if (follows) groups[groups.length - 1].push(position);
      else groups.push([position]);
    });
    return groups;
  }
}
