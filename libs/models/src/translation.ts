import type { ForwardFunction, InputSpec, ModelFunction } from '@regatta/engine/ops';
import type { ParameterShape } from './shapes/index.js';

// B batch, S source tokens, T target tokens, V target vocabulary, C capacity of a decoder's cache.

/** A micro-batch of sentence pairs; flat arrays, batch first. */
export interface TranslationBatch {
  /** [B · S], padded. */
  sourceIds: Int32Array;
  /** Tokens of each source: [B]. */
  sourceLengths: Int32Array;
  /** What the decoder is fed, from the begin token on (teacher forcing): [B · T]. */
  targetInputIds: Int32Array;
  /** What it is to say, to the end token: [B · T]. */
  targetIds: Int32Array;
  /** Weight of each target token in every loss and count, 0 for padding and for rows that only fill a shard: [B · T]. */
  weights: Float32Array;
}

/** Entries of the two vocabularies, special tokens included. */
export interface Vocabularies {
  source: number;
  target: number;
}

export interface TranslationShape {
  batch: number;
  sourceLength: number;
  targetLength: number;
}

type Inputs = Record<string, Float32Array | Int32Array>;

/** A function of named inputs, for one shape. */
export interface Stage {
  inputs: InputSpec[];
  model: ForwardFunction;
}

/**
 * What every translation model is to the code that trains it and decodes with it. Forward stages speak by names:
 * - `encode` takes `sourceIds` int32 [B · S] (batch first) and `sourceMask` float32 [B, S] (1 for a token); it gives `memory.*`, which
 *   `decode` takes under the same names, and may give `state.*`, the decoder's first state;
 * - `decode` takes one token a row: `tokenIds` int32 [B], `position` int32 [B] (0 for the begin token), `sourceMask`, all `memory.*` and all
 *   `state.*`. Every one of them has the batch as its first axis, so beams are reordered row by row; a state that `encode` does not
 *   give starts as zeros. It gives `logits` [B, V], `attention` [B, heads of all layers, S] (absent without attention), and for each
 *   state either `state.X`, which replaces it, or `row.X` [B, width], which belongs to state.X [B, C, width] at the row's position
 *   (the caller writes it there: a key/value cache of fixed capacity, one graph for all positions).
 */
export interface TranslationModel {
  parameters: ParameterShape[];
  /**
   * The step's graph: sums `loss` (what is trained, with label smoothing), `nll` (nats, without) and `correct`, over weighted target
   * tokens and unscaled; the loss that is differentiated is loss · scale. `place` writes a micro-batch into a program's inputs.
   */
  train(shape: TranslationShape): {
    inputs: InputSpec[];
    model: ModelFunction;
    place(batch: TranslationBatch, inputs: Inputs, scale: number): void;
  };
  encode(shape: { batch: number; sourceLength: number }): Stage;
  /** To be looked at, of encode's inputs: `attention` [B, heads of all layers, S, S]; absent where the encoder has none. */
  encoderAttention?(shape: { batch: number; sourceLength: number }): Stage;
  decode(shape: { batch: number; sourceLength: number; capacity: number }): Stage;
}
