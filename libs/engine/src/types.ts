import type { ParameterSpace } from './memory/space.js';
import type { Tensor } from './tf.js';

/** A value that a program is given for each run. */
export interface InputSpec {
  name: string;
  shape: number[];
  dtype: 'float32' | 'int32';
}

/**
 * The mask of a named dropout site (`encoder.0.attention.probs`) at a rate: 0/1 of `shape`, or undefined where nothing is dropped.
 * A site's name is its place in the random numbers, so it must not depend on what else the model does.
 */
export type Keep = (site: string, shape: number[], rate: number) => Tensor | undefined;

/** A model with its loss: parameters p and inputs x by name → the scalar that is differentiated and further scalars to be summed. */
export type ModelFunction = (
  p: Record<string, Tensor>,
  x: Record<string, Tensor>,
  keep: Keep,
) => { loss: Tensor; sums: Record<string, Tensor> };

/** A model without a loss: its named outputs. */
export type ForwardFunction = (p: Record<string, Tensor>, x: Record<string, Tensor>) => Record<string, Tensor>;

/** Where a run's random numbers come from: micro-batch `micro` of logical shard `shard` of step `step`. */
export interface RunPlace {
  seed: number;
  step: number;
  shard: number;
  micro: number;
}

export type Inputs = Record<string, Float32Array | Int32Array>;

/** Forward and gradient for one shape. Programs over one space share its scratch: fill `inputs` just before `run`, one program at a time. */
export interface Program {
  /** Views to fill in place before each run. */
  readonly inputs: Inputs;
  /** Bytes of the space's scratch that this program uses. */
  readonly scratchBytes: number;
  /** Writes the whole gradient into space.g (its scalars stay) and gives the model's sums. */
  run(place: RunPlace): Promise<Record<string, number>>;
  dispose(): Promise<void>;
}

/** A model's outputs for one shape. */
export interface ForwardProgram {
  readonly inputs: Inputs;
  readonly scratchBytes: number;
  /** The outputs by name, as copies. */
  run(): Promise<Record<string, { shape: number[]; data: Float32Array }>>;
  dispose(): Promise<void>;
}

export interface CompileOptions {
  /** Names the model and shape in messages, e.g. `bert-pretraining 12x64`. */
  key: string;
  model: ModelFunction;
  inputs: InputSpec[];
  space: ParameterSpace;
  /** false compiles without any dropout, for evaluation. */
  dropout: boolean;
}

export interface CompileForwardOptions {
  key: string;
  model: ForwardFunction;
  inputs: InputSpec[];
  space: ParameterSpace;
}

/** Something that runs models. Equal fingerprints give equal bits. */
export interface Engine {
  readonly kind: string;
  /** Engine and version, instruction set, threads. */
  fingerprint(): string;
  compile(options: CompileOptions): Promise<Program>;
  compileForward(options: CompileForwardOptions): Promise<ForwardProgram>;
}
