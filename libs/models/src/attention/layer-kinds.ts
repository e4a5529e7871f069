// n positions, D hidden size, k width of the kernel: one layer of each kind over one sequence [n, D].
import { gruCell, linear, type ModelFunction, stepLinear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterShape } from '../shapes/index.js';
import type { Stage } from '../translation.js';
import { scaledDotProductAttention } from './scoring.js';

type Tensor = tf.Tensor;
type Weights = Record<string, Tensor>;

export interface LayerSizes {
  hiddenSize: number;
  kernelSize: number;
}

/** A kind of layer: what it computes and what that costs (Vaswani et al., 2017, table 1). */
export interface LayerKind {
  layer: 'self-attention' | 'rnn' | 'cnn';
  complexity: string;
  sequentialOperations: string;
  /** Multiplications and additions, each counted. */
  flops(n: number): number;
  /** x [n, D] → [n, D]; a recurrent layer starts from the state h [1, D]. */
  apply(p: Weights, x: Tensor, h: Tensor): Tensor;
  /** What hands a signal on from place to place; the layer itself, but of a recurrent one its step, made at all places at once. */
  move(p: Weights, x: Tensor): Tensor;
  /** Whether the layer can be applied piece by piece, each from the last state of the piece before. */
  recurrent: boolean;
  /** Applications of `move` before the signal is in the layer's state. */
  entry: number;
}

/** Weights of the convolution and of the recurrent layer; self-attention compares the sequence itself and has none. */
export const layerParameters = ({ hiddenSize: D, kernelSize: k }: LayerSizes): ParameterShape[] => [
  ...[
    ['convolution.weight', k * D, D],
    ['recurrent.weight_ih', D, 3 * D],
    ['recurrent.weight_hh', D, 3 * D],
  ].map(([name, from, to]) => ({
    name: String(name),
    shape: [Number(from), Number(to)],
    decay: true,
    init: 'xavier' as const,
  })),
  { name: 'convolution.bias', shape: [D], decay: false, init: 'zeros' },
  { name: 'recurrent.bias', shape: [3 * D], decay: false, init: 'zeros' },
];

/** `before` rows of zeros, x, `after` rows of zeros. */
const padRows = (x: Tensor, before: number, after: number): Tensor =>
  tf.pad(x as tf.Tensor2D, [
    [before, after],
    [0, 0],
  ]);

function convolve(p: Weights, x: Tensor, k: number): Tensor {
  const [n, width] = x.shape;
  const before = Math.floor(k / 2);
  const padded = padRows(x, before, k - 1 - before);
  const windows = tf.concat(
    Array.from({ length: k }, (_, i) => tf.slice(padded, [i, 0], [n, width])),
    1,
  );
  return linear(windows, p['convolution.weight'], p['convolution.bias']);
}

/** One step for rows of inputs x and states h, [n, D]. */
const recur = (p: Weights, fromInput: Tensor, h: Tensor): Tensor =>
  gruCell(fromInput, stepLinear(h, p['recurrent.weight_hh'], p['recurrent.bias']), h);

const fromInputs = (p: Weights, x: Tensor): Tensor => linear(x, p['recurrent.weight_ih'], p['recurrent.bias']);

function recurOver(p: Weights, x: Tensor, h: Tensor): Tensor {
  const states: Tensor[] = [];
  for (const step of tf.split(fromInputs(p, x), x.shape[0], 0)) states.push(recur(p, step, states.at(-1) ?? h));
  return tf.concat(states, 0);
}

function attend(x: Tensor): Tensor {
  const [n, width] = x.shape;
  const sequence = tf.reshape(x, [1, n, width]);
  return tf.reshape(scaledDotProductAttention(sequence, sequence, sequence).output, [n, width]);
}

/** The three layers of the comparison. */
export const layerKinds = ({ hiddenSize: D, kernelSize: k }: LayerSizes): LayerKind[] => [
  {
    layer: 'self-attention',
    complexity: 'O(n²·d)',
    sequentialOperations: 'O(1)',
    flops: (n) => 4 * n * n * D,
    apply: (_, x) => attend(x),
    move: (_, x) => attend(x),
    recurrent: false,
    entry: 0,
  },
  {
    layer: 'rnn',
    complexity: 'O(n·d²)',
    sequentialOperations: 'O(n)',
    flops: (n) => 12 * n * D * D,
    apply: recurOver,
    // the state comes from the place before, or is 0 at the beginning
    move: (p, x) => {
      const [n, width] = x.shape;
      return recur(p, fromInputs(p, x), tf.slice(padRows(x, 1, 0), [0, 0], [n, width]));
    },
    recurrent: true,
    entry: 1,
  },
  {
    layer: 'cnn',
    complexity: 'O(k·n·d²)',
    sequentialOperations: 'O(1)',
    flops: (n) => 2 * k * n * D * D,
    apply: (p, x) => convolve(p, x, k),
    move: (p, x) => convolve(p, x, k),
    recurrent: false,
    entry: 0,
  },
];

/** The whole layer over an input `x` [n, D], and for a recurrent one the state `h` [1, D] → `y` [n, D]. */
export const layerForward = ({ apply, recurrent }: LayerKind, n: number, width: number): Stage => ({
  inputs: [
    { name: 'x', shape: [n, width], dtype: 'float32' },
    ...(recurrent ? [{ name: 'h', shape: [1, width], dtype: 'float32' as const }] : []),
  ],
  model: (p, { x, h }) => ({ y: apply(p, x, h) }),
});

/** The sum of place i's output as a function of a parameter `x` [n, D]: its gradient's rows tell which places the output sees. */
export const outputAt =
  ({ move }: LayerKind, i: number): ModelFunction =>
  (p) => ({ loss: tf.sum(tf.slice(move(p, p.x), [i, 0], [1, p.x.shape[1] as number])), sums: {} });
