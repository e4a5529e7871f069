// B sentences, K beams of each; R = B · K rows, those of sentence b being b · K … b · K + K − 1; V vocabulary.

/** What a model says after one token of every row. */
export interface StepResult {
  /** [R, V], not normalised. */
  logits: Float32Array;
  /** Attention weights of this step, [R, width]; kept row by row for the hypotheses, whatever they mean. */
  attention?: Float32Array;
}

/**
 * One step of a decoder over all rows: row r goes on from what row `origins[r]` was after the last step (r itself at the first) with token
 * `tokens[r]` at position `positions[r]`, from 0. A row that no hypothesis needs any longer is fed the end token and its result not read.
 */
export type Step = (tokens: Int32Array, positions: Int32Array, origins: Int32Array) => Promise<StepResult>;

export interface SearchOptions {
  /** Sentences, B. */
  batch: number;
  beginId: number;
  endId: number;
  /** Most tokens of a hypothesis, the end token included: what the decoder's cache has room for. */
  capacity: number;
  /** α of Wu et al., 2016 (https://arxiv.org/abs/1609.08144), equation 14; 0 prefers by probability alone. */
  lengthPenalty: number;
}

export interface BeamOptions extends SearchOptions {
  /** Hypotheses of a sentence that are followed at a time, K. */
  beamSize: number;
}

/** One translation. */
export interface Hypothesis {
  /** Without begin and end token. */
  tokens: Int32Array;
  /** Whether it came to the end token; else it was cut off at the capacity. */
  finished: boolean;
  /** Σ log P of its tokens, the end token included, in nats. */
  logProbability: number;
  /** logProbability / lengthPenaltyOf(tokens, end token included): what hypotheses are ranked by. */
  score: number;
  /** Attention weights of each step, the end token's included; absent where the step gives none. */
  attention?: Float32Array[];
}
