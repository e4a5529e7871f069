/** Vaswani et al., 2017, table 1: n the length, d the width, k the width of the kernel. */
export interface Sizes {
  d: number;
  k: number;
}

export interface LayerCost {
  layer: 'self-attention' | 'rnn' | 'cnn';
  complexity: string;
  sequential: string;
  path: string;
  /** Multiplications and additions, each counted, as the task `attention-lab` counts them: the GRU has three gates and two products in each. */
  operations: (n: number, sizes: Sizes) => number;
  /** Layers, or steps of one, that a signal passes from one end to the other of n ≥ 2 places. */
  pathLength: (n: number, sizes: Sizes) => number;
}

export const layerCosts: readonly LayerCost[] = [
  {
    layer: 'self-attention',
    complexity: 'n² · d',
    sequential: '1',
    path: '1',
    operations: (n, { d }) => 4 * n * n * d,
    pathLength: () => 1,
  },
  {
    layer: 'rnn',
    complexity: 'n · d²',
    sequential: 'n',
    path: 'n',
    operations: (n, { d }) => 12 * n * d * d,
    pathLength: (n) => n,
  },
  {
    layer: 'cnn',
    complexity: 'k · n · d²',
    sequential: '1',
    path: 'n / ⌊k/2⌋',
    operations: (n, { d, k }) => 2 * k * n * d * d,
    // the kernel sees ⌊k / 2⌋ places to each side
    pathLength: (n, { k }) => Math.ceil((n - 1) / Math.floor(k / 2)),
  },
];
