import { describe, expect, it } from '@jest/globals';
import { type PretrainingBatch, placeBatch } from './place.js';
import { bertPretraining } from './pretraining.js';
import { chunksOf } from './shape.js';

const shape = { batch: 3, length: 7, slots: 3, chunk: 2 };
const config = {
  vocabSize: 11,
  hiddenSize: 4,
  numHiddenLayers: 1,
  numAttentionHeads: 1,
  intermediateSize: 5,
  maxPositionEmbeddings: 7,
  typeVocabSize: 2,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  layerNormEps: 1e-12,
  initializerRange: 0.02,
};

const batch = (maskedPositions = [[2, 5], [], [1, 3, 4]]): PretrainingBatch => ({
  inputIds: Int32Array.from({ length: 21 }, (_, i) => i),
  tokenTypeIds: Int32Array.from({ length: 21 }, (_, i) => (i % 7 < 4 ? 0 : 1)),
  attentionMask: Int32Array.from({ length: 21 }, (_, i) => (i % 7 < 6 ? 1 : 0)),
  maskedPositions,
  labels: maskedPositions.map((row) => row.map((t) => 100 + t)),
  nextSentenceLabels: Int32Array.from([0, 1, 1]),
  weights: Float32Array.from([1, 1, 0]),
});

function placed(data = batch()) {
  const inputs = Object.fromEntries(
    bertPretraining(config, shape).inputs.map(({ name, shape: dims, dtype }) => {
      const size = dims.reduce((a, b) => a * b, 1);
      return [name, (dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)).fill(77)];
    }),
  );
  placeBatch(shape, data, inputs, { mlm: 0.2, nsp: 0.5 });
  return inputs;
}

describe('placeBatch', () => {
  it('writes rows time-major inside a chunk', () => {
    const inputs = placed();
    expect(Array.from(inputs['ids.0'])).toEqual([0, 7, 1, 8, 2, 9, 3, 10, 4, 11, 5, 12, 6, 13]);
    expect(Array.from(inputs['ids.1'])).toEqual([14, 15, 16, 17, 18, 19, 20]);
    expect(Array.from(inputs['segments.1'])).toEqual([0, 0, 0, 0, 1, 1, 1]);
    const row = [0, 0, 0, 0, 0, 0, Math.fround(-1e9)];
    expect(Array.from(inputs['mask.0'])).toEqual([...row, ...row]);
    expect([inputs.scaleMlm[0], inputs.scaleNsp[0]]).toEqual([Math.fround(0.2), 0.5]);
  });

  it('gives every slot a row of its own sequence, each row at most once, [CLS] last, and the inverse of that', () => {
    const inputs = placed();
    chunksOf(shape).forEach((size, c) => {
      const rows = Array.from(inputs[`rows.${c}`]);
      expect(new Set(rows).size).toBe(rows.length);
      rows.forEach((row, at) => {
        expect(row % size).toBe(at % size);
        expect(inputs[`inverse.${c}`][row]).toBe(at);
      });
      expect(rows.slice(-size)).toEqual(Array.from({ length: size }, (_, j) => j));
      const unread = Array.from(inputs[`inverse.${c}`]).filter((_, row) => !rows.includes(row));
      expect(unread).toEqual(Array(size * (shape.length - shape.slots - 1)).fill(rows.length));
    });
    // sequence 0 reads tokens 2 and 5 in its first two slots; sequence 1 none
    expect([inputs['rows.0'][0], inputs['rows.0'][2]]).toEqual([2 * 2, 5 * 2]);
  });

  it('weighs used slots by their sequence and the others 0', () => {
    const inputs = placed();
    expect(Array.from(inputs.mlmWeights)).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(Array.from(inputs.mlmLabels)).toEqual([102, 0, 105, 0, 0, 0, 101, 103, 104]);
    expect(Array.from(inputs.nspWeights)).toEqual([1, 1, 0]);
  });

  it.each([
    ['too many', [[1, 2, 3, 4], [], []], /sequence 0 has 4 masked positions for 3 slots/],
    ['[CLS]', [[0], [], []], /sequence 0: masked position 0/],
    ['a position twice', [[], [2, 2], []], /sequence 1: masked position 2/],
    ['a position outside', [[], [], [7]], /sequence 2: masked position 7 of 7/],
  ])('refuses %s', (_, positions, message) => {
    expect(() => placed(batch(positions))).toThrow(message);
  });
});

describe('bertPretraining', () => {
  it('refuses shapes that cannot be', () => {
    expect(() => bertPretraining(config, { ...shape, slots: 7 })).toThrow(/do not fit into 7 tokens/);
    expect(() => bertPretraining(config, { ...shape, length: 8 })).toThrow(/longer than maxPositionEmbeddings 7/);
  });
});
