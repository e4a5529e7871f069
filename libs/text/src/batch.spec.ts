import { describe, expect, it } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import {
  batchOf,
  encodeCorpus,
  epochPlan,
  Masker,
  maskedCount,
  type PretrainingBatch,
  pretrainingExamples,
  stepCounts,
  trainWordPiece,
} from './index.js';

const stream = new RandomStream({ seed: 8, site: 'test.words' });
const documents = Array.from({ length: 12 }, (_, d) =>
  Array.from({ length: 30 }, (_, s) =>
    Array.from({ length: 9 }, (_, w) => stream.integer((d * 30 + s) * 9 + w, 5000).toString(36)).join(' '),
  ),
);
const tokenizer = trainWordPiece(documents.flat(), { vocabSize: 200, lowercase: true });
const corpus = encodeCorpus(documents, tokenizer);
const examples = pretrainingExamples(corpus, Int32Array.from(documents.keys()), {
  maxLength: 48,
  nextSentence: true,
  seed: 1,
  epoch: 0,
});
const masking = { maskProbability: 0.15, wholeWord: false };
const plan = epochPlan({
  seed: 1,
  epoch: 0,
  lengths: examples.lengths,
  buckets: [48],
  globalBatchSize: 24,
  logicalShards: 4,
});
const fixed = { corpus, examples, tokenizer, masking, length: 48, seed: 1, step: 0, shard: 2 };
const first = plan.step(0);
const whole = batchOf({ ...fixed, ids: first.shards[2], firstRow: 0, real: first.real[2] });

describe('maskedCount', () => {
  it('is max(1, round(p · n)), and never more than there are', () => {
    expect([0, 1, 2, 10, 61].map((n) => maskedCount(n, 0.15))).toEqual([0, 1, 1, 2, 9]);
    expect(maskedCount(5, 1)).toBe(5);
  });
});

describe('batchOf', () => {
  const unmasked = (batch: PretrainingBatch, row: number): number[] => {
    const ids = [...batch.inputIds.subarray(row * 48, (row + 1) * 48)];
    batch.maskedPositions[row].forEach((position, i) => {
      ids[position] = batch.labels[row][i];
    });
    return ids;
  };

  it('lays out [CLS] A [SEP] B [SEP], with segments and padding', () => {
    first.shards[2].forEach((example, row) => {
      const a = [...corpus.ids.subarray(examples.aStart[example], examples.aEnd[example])];
      const b = [...corpus.ids.subarray(examples.bStart[example], examples.bEnd[example])];
      const expected = [tokenizer.clsId, ...a, tokenizer.sepId, ...b, tokenizer.sepId];
      const padding = new Array(48 - expected.length);
      expect(unmasked(whole, row)).toEqual([...expected, ...padding.fill(tokenizer.padId)]);
      expect([...whole.tokenTypeIds.subarray(row * 48, (row + 1) * 48)]).toEqual([
        ...new Array(a.length + 2).fill(0),
        ...new Array(b.length + 1).fill(1),
        ...padding.fill(0),
      ]);
      expect([...whole.attentionMask.subarray(row * 48, (row + 1) * 48)]).toEqual([
        ...expected.map(() => 1),
        ...padding,
      ]);
      expect(whole.nextSentenceLabels[row]).toBe(examples.labels[example]);
    });
  });

  it('masks as many as the length says, only ordinary tokens, and counts them beforehand', () => {
    const counts = stepCounts(examples, first, 0.15);
    let masked = 0;
    first.shards.forEach((ids, shard) => {
      const batch = batchOf({ ...fixed, shard, ids, firstRow: 0, real: first.real[shard] });
      ids.forEach((example, row) => {
        expect(batch.maskedPositions[row]).toHaveLength(maskedCount(examples.lengths[example] - 3, 0.15));
        expect(batch.labels[row].every((id) => tokenizer.ordinaryIds.includes(id) || id === tokenizer.unkId)).toBe(
          true,
        );
        expect(batch.maskedPositions[row]).toEqual([...new Set(batch.maskedPositions[row])].sort((a, b) => a - b));
        masked += batch.weights[row] * batch.maskedPositions[row].length;
      });
    });
    expect(counts.maskedTokens).toBe(masked);
    expect(counts.examples).toBe(24);
  });

  it('gives the same rows in micro-batches', () => {
    const parts = [0, 1, 3].map((from, i) => {
      const to = [1, 3, 6][i];
      return batchOf({ ...fixed, ids: first.shards[2].subarray(from, to), firstRow: from, real: first.real[2] });
    });
    expect(parts.flatMap((part) => [...part.inputIds])).toEqual([...whole.inputIds]);
    expect(parts.flatMap((part) => part.maskedPositions)).toEqual(whole.maskedPositions);
    expect(parts.flatMap((part) => [...part.weights])).toEqual([...whole.weights]);
  });

  it('masks anew at another step, shard or seed', () => {
    for (const change of [{ step: 1 }, { shard: 3 }, { seed: 2 }]) {
      const other = batchOf({ ...fixed, ...change, ids: first.shards[2], firstRow: 0, real: first.real[2] });
      expect(other.maskedPositions).not.toEqual(whole.maskedPositions);
    }
  });

  it('gives the copies that fill a shard the weight 0, and leaves them out of the counts', () => {
    const five = Int32Array.from(examples.lengths.subarray(0, 5));
    const short = epochPlan({
      seed: 1,
      epoch: 0,
      lengths: five,
      buckets: [48],
      globalBatchSize: 8,
      logicalShards: 4,
    }).step(0);
    const weights = short.shards.map((ids, shard) => [
      ...batchOf({ ...fixed, shard, ids, firstRow: 0, real: short.real[shard] }).weights,
    ]);
    expect(weights).toEqual([
      [1, 1],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(stepCounts(examples, short, 0.15)).toEqual({
      examples: 5,
      maskedTokens: five.reduce((sum, n) => sum + maskedCount(n - 3, 0.15), 0),
      tokens: five.reduce((sum, n) => sum + n, 0),
    });
  });

  it('has no B without next sentence', () => {
    const singles = pretrainingExamples(corpus, Int32Array.of(0), {
      maxLength: 48,
      nextSentence: false,
      seed: 1,
      epoch: 0,
    });
    const batch = batchOf({ ...fixed, examples: singles, ids: Int32Array.of(0), firstRow: 0, real: 1 });
    const end = singles.lengths[0] - 1;
    const ids = unmasked(batch, 0);
    expect(ids.slice(1, end)).toEqual([...corpus.ids.subarray(singles.aStart[0], singles.aEnd[0])]);
    expect([ids[0], ids[end], ids.filter((id) => id === tokenizer.sepId).length]).toEqual([
      tokenizer.clsId,
      tokenizer.sepId,
      1,
    ]);
    expect(batch.tokenTypeIds.some((type) => type !== 0)).toBe(false);
  });
});

describe('Masker', () => {
  const length = 64;
  const candidates = Array.from({ length: 60 }, (_, i) => i + 1);

  /** Pearson's statistic of counts against expected shares. */
  const chiSquare = (counts: number[], shares: number[]): number => {
    const total = counts.reduce((sum, n) => sum + n, 0);
    return counts.reduce((sum, n, i) => sum + (n - total * shares[i]) ** 2 / (total * shares[i]), 0);
  };

  it('keeps the rates 80/10/10, every position alike, random tokens ordinary and alike', () => {
    const masker = new Masker({ seed: 4, step: 9, shard: 1 }, tokenizer, masking, length);
    const original = tokenizer.ordinaryIds[7];
    const actions = [0, 0, 0];
    const positions = new Array(60).fill(0);
    const tokens = new Map<number, number>();
    for (let row = 0; row < 4000; row++) {
      const ids = new Int32Array(length).fill(original);
      for (const position of masker.mask(ids, candidates, row).positions) {
        positions[position - 1]++;
        const now = ids[position];
        actions[now === tokenizer.maskId ? 0 : now === original ? 2 : 1]++;
        if (now !== tokenizer.maskId && now !== original) tokens.set(now, (tokens.get(now) ?? 0) + 1);
      }
    }
    const ordinary = tokenizer.ordinaryIds.length;
    // a random token is the original one once in `ordinary` times; limits: χ² at p = 0.001
    const random = 0.1 * (1 - 1 / ordinary);
    expect(chiSquare(actions, [0.8, random, 0.2 - random])).toBeLessThan(13.8);
    expect(
      chiSquare(
        positions,
        positions.map(() => 1 / 60),
      ),
    ).toBeLessThan(98.3);
    for (const special of [tokenizer.padId, tokenizer.unkId, tokenizer.clsId, tokenizer.sepId])
      expect(tokens.has(special)).toBe(false);
    expect(tokens.size).toBe(ordinary - 1);
    const counts = [...tokens.values()];
    expect(
      chiSquare(
        counts,
        counts.map(() => 1 / counts.length),
      ),
    ).toBeLessThan(270); // 194 degrees of freedom at most
  });

  it('masks words whole, exactly as many pieces, and at most one word in part', () => {
    const head = tokenizer.ordinaryIds.find((id) => tokenizer.continuing[id] === 0) ?? 0;
    const piece = tokenizer.ordinaryIds.find((id) => tokenizer.continuing[id] === 1) ?? 0;
    const sizes = [3, 1, 2, 5, 1, 4, 2, 2, 6, 1, 3];
    const row = [tokenizer.clsId, ...sizes.flatMap((n) => [head, ...new Array(n - 1).fill(piece)]), tokenizer.sepId];
    const ordinary = row.map((_, i) => i).slice(1, -1);
    const masker = new Masker(
      { seed: 4, step: 0, shard: 0 },
      tokenizer,
      { maskProbability: 0.3, wholeWord: true },
      length,
    );
    const everPartly = new Set<boolean>();
    for (let number = 0; number < 300; number++) {
      const { positions, labels } = masker.mask(Int32Array.from(row), ordinary, number);
      expect(positions).toHaveLength(maskedCount(30, 0.3));
      expect(labels).toEqual(positions.map((position) => row[position]));
      let partly = 0;
      let start = 1;
      for (const size of sizes) {
        const inside = positions.filter((position) => position >= start && position < start + size).length;
        if (inside > 0 && inside < size) partly++;
        start += size;
      }
      expect(partly).toBeLessThanOrEqual(1);
      everPartly.add(partly === 1);
    }
    expect(everPartly.has(false)).toBe(true);
  });
});
