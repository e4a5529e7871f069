import { EngineError } from '../errors.js';

/** How initial values are made (ParameterSpace.initialize); 'sinusoidal' is for a table of positions, 'xavier' for a dense matrix. */
export type Init = 'normal' | 'xavier' | 'zeros' | 'ones' | 'sinusoidal';

/** One trainable tensor. `name` is Hugging Face's; layout 'io' is stored [in, out] where Hugging Face has [out, in]. */
export interface ParameterSpec {
  name: string;
  /** Shape as stored. */
  shape: number[];
  /** Whether weight decay applies (matrices yes; biases and normalisation no). */
  decay: boolean;
  init: Init;
  layout?: 'io';
  /** Factor on the learning rate and the decay (default 1); 0: frozen, the parameter never changes and has no gradient. */
  rateScale?: number;
}

/** A tensor under its Hugging Face name, in Hugging Face's layout. */
export interface NamedTensor {
  shape: number[];
  data: Float32Array;
}

export const elements = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);
export const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Floats a slot starts on: 64 bytes, a cache line. */
export const SLOT = 16;

/** Where each parameter lies in a flat vector: those that learn first, of them those that decay first, so that each is one range. */
export interface Layout {
  parameters: ParameterSpec[];
  offset: Map<string, number>;
  /** What learns, in stretches that are updated alike. */
  segments: Segment[];
  /** Floats of what learns: gradients and moments are so long. */
  learning: number;
  total: number;
}

export interface Segment {
  from: number;
  to: number;
  decay: boolean;
  rateScale: number;
}

export const learns = ({ rateScale = 1 }: ParameterSpec): boolean => rateScale !== 0;

/** Lays the parameters out in slots of 64 bytes; the gaps between them are and stay 0. */
export function layOut(parameters: readonly ParameterSpec[]): Layout {
  const place = (p: ParameterSpec) => (learns(p) ? 0 : 2) + (p.decay ? 0 : 1);
  const ordered = [...parameters].sort((a, b) => place(a) - place(b)); // stable
  const offset = new Map<string, number>();
  let at = 0;
  const segments: Segment[] = [];
  let learning = 0;
  for (const parameter of ordered) {
    if (offset.has(parameter.name)) {
      throw new EngineError(
        'parameter_twice',
        `The parameter ${parameter.name} is declared twice.`,
        'Give it one name.',
      );
    }
    offset.set(parameter.name, at);
    const from = at;
    at += roundUp(elements(parameter.shape), SLOT);
    if (!learns(parameter)) continue;
    learning = at;
    const { decay, rateScale = 1 } = parameter;
    const last = segments.at(-1);
    if (last?.decay === decay && last.rateScale === rateScale) last.to = at;
    else segments.push({ from, to: at, decay, rateScale });
  }
  return { parameters: ordered, offset, segments, learning, total: at };
}

/** [rows, columns] → [columns, rows]. */
function transposed(source: Float32Array, rows: number, columns: number, target: Float32Array): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) target[c * rows + r] = source[r * columns + c];
  }
}

/** A stored parameter in Hugging Face's layout (a copy). */
export function toHuggingFace(parameter: ParameterSpec, stored: Float32Array): NamedTensor {
  const data = new Float32Array(stored.length);
  if (parameter.layout !== 'io') {
    data.set(stored);
    return { shape: [...parameter.shape], data };
  }
  const [rows, columns] = parameter.shape;
  transposed(stored, rows, columns, data);
  return { shape: [columns, rows], data };
}

/** Writes a tensor in Hugging Face's layout into its stored place. Throws EngineError `weights_mismatch` if its shape is another. */
export function fromHuggingFace(parameter: ParameterSpec, tensor: NamedTensor, stored: Float32Array): void {
  const expected = parameter.layout === 'io' ? [parameter.shape[1], parameter.shape[0]] : parameter.shape;
  if (String(tensor.shape) !== String(expected) || tensor.data.length !== stored.length) {
    throw new EngineError(
      'weights_mismatch',
      `${parameter.name} has shape [${tensor.shape}], the model needs [${expected}].`,
      'Load weights made for this configuration.',
    );
  }
  if (parameter.layout === 'io') transposed(tensor.data, expected[0], expected[1], stored);
  else stored.set(tensor.data);
}
