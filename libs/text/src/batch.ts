import type { EncodedCorpus } from './corpus.js';
import type { PlannedStep } from './epoch-plan.js';
import { Masker, type MaskingOptions, type MaskPlace, maskedCount } from './masking.js';
import type { PretrainingExamples } from './pretraining-examples.js';
import type { WordPieceTokenizer } from './wordpiece.js';

/** A micro-batch as the pretraining model takes it. B rows of T positions. */
export interface PretrainingBatch {
  /** [B · T], masked, padded with [PAD]. */
  inputIds: Int32Array;
  /** [B · T], 0 in `[CLS] A [SEP]` and in the padding, 1 in `B [SEP]`. */
  tokenTypeIds: Int32Array;
  /** [B · T], 1 where there is a token. */
  attentionMask: Int32Array;
  /** B lists of positions in their row, ascending. */
  maskedPositions: number[][];
  /** B lists: the ids that stood at the masked positions. */
  labels: number[][];
  /** [B], 0 is next, 1 random. */
  nextSentenceLabels: Int32Array;
  /** [B], 1, and 0 for the copies that fill a shard. */
  weights: Float32Array;
}

export interface BatchOptions extends MaskPlace {
  corpus: EncodedCorpus;
  examples: PretrainingExamples;
  tokenizer: WordPieceTokenizer;
  masking: MaskingOptions;
  /** Example ids of these rows: [B]. */
  ids: Int32Array;
  /** T, the bucket's length. */
  length: number;
  /** Number of the first row within its shard: a micro-batch continues the shard's random numbers. */
  firstRow: number;
  /** How many rows of the whole shard are real. */
  real: number;
}

/** Builds a micro-batch of a shard; the same rows come out whatever the micro-batch's size. */
export function batchOf(options: BatchOptions): PretrainingBatch {
  const { corpus, examples, tokenizer, ids, length, firstRow, real, seed, step, shard } = options;
  const masker = new Masker({ seed, step, shard }, tokenizer, options.masking, length);
  const batch: PretrainingBatch = {
    inputIds: new Int32Array(ids.length * length).fill(tokenizer.padId),
    tokenTypeIds: new Int32Array(ids.length * length),
    attentionMask: new Int32Array(ids.length * length),
    maskedPositions: [],
    labels: [],
    nextSentenceLabels: Int32Array.from(ids, (example) => examples.labels[example]),
    weights: Float32Array.from(ids, (_, i) => (firstRow + i < real ? 1 : 0)),
  };
  ids.forEach((example, i) => {
    const row = batch.inputIds.subarray(i * length, (i + 1) * length);
    const aEnd = 1 + examples.aEnd[example] - examples.aStart[example];
    row[0] = tokenizer.clsId;
    row.set(corpus.ids.subarray(examples.aStart[example], examples.aEnd[example]), 1);
    row[aEnd] = tokenizer.sepId;
    const end = examples.lengths[example];
    if (examples.nextSentence) {
      row.set(corpus.ids.subarray(examples.bStart[example], examples.bEnd[example]), aEnd + 1);
      row[end - 1] = tokenizer.sepId;
      batch.tokenTypeIds.fill(1, i * length + aEnd + 1, i * length + end);
    }
    batch.attentionMask.fill(1, i * length, i * length + end);
    const candidates: number[] = [];
    for (let t = 1; t < end - 1; t++) if (t !== aEnd) candidates.push(t);
    const { positions, labels } = masker.mask(row, candidates, firstRow + i);
    batch.maskedPositions.push(positions);
    batch.labels.push(labels);
  });
  return batch;
}

/** What a step's losses are divided by, and how much text it holds: known from the plan before anything is computed. */
export interface StepCounts {
  /** Real examples, and so next-sentence pairs. */
  examples: number;
  maskedTokens: number;
  /** Tokens with special tokens, without padding. */
  tokens: number;
}

export function stepCounts(examples: PretrainingExamples, step: PlannedStep, maskProbability: number): StepCounts {
  const specials = examples.nextSentence ? 3 : 2;
  const counts: StepCounts = { examples: 0, maskedTokens: 0, tokens: 0 };
  step.shards.forEach((shard, s) => {
    for (const example of shard.subarray(0, step.real[s])) {
      counts.examples++;
      counts.maskedTokens += maskedCount(examples.lengths[example] - specials, maskProbability);
      counts.tokens += examples.lengths[example];
    }
  });
  return counts;
}
