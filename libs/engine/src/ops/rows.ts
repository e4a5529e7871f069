import { type Tensor, tf } from '../tf.js';
import { fused, gradient, run } from './fused.js';

/** tf.gather whose gradient is a ScatterND (which adds): for backends without UnsortedSegmentSum, as wasm. */
const gatherByScatter = (table: Tensor, ids: Tensor): Tensor =>
  tf.customGrad((...args: unknown[]) => {
    const [t, i, save] = args as [Tensor, tf.Tensor1D, (tensors: Tensor[]) => void];
    const shape = t.shape;
    save([i]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => [
      tf.scatterND(tf.expandDims(saved[0], 1), dy, shape),
      tf.zerosLike(saved[0]),
    ];
    return { value: tf.gather(t, i), gradFunc };
  })(table, ids);

const gather = (table: Tensor, ids: Tensor): Tensor =>
  tf.getKernel('UnsortedSegmentSum', tf.getBackend())
    ? tf.gather(table, ids as tf.Tensor1D)
    : gatherByScatter(table, ids);

const embeddingOp = fused('Embedding', ({ table, ids }) => gather(table, ids));

/** table[ids]: table [rows, width], ids int32 [n] → [n, width]. In the compiled engine its gradient is added row by row, in order. */
export const embedding = (table: Tensor, ids: Tensor): Tensor => embeddingOp({ table, ids }, {});

gradient('Embedding', ['table', 'ids'], (dy, { table, ids }) => ({
  table: run('EmbeddingGrad', { dy, ids }, { shape: table.shape }),
}));

const gatherRowsOp = fused('GatherRows', ({ x, rows }) => gather(x, rows));

/**
 * x[rows] for distinct rows: x [n, width], rows int32 [m] → [m, width]. inverse int32 [n] holds each row's place in `rows`, or m where it is
 * not read: with it the gradient is a gather too, without a scatter's race.
 */
export const gatherRows = (x: Tensor, rows: Tensor, inverse: Tensor): Tensor => gatherRowsOp({ x, rows, inverse }, {});

gradient('GatherRows', ['inverse'], (dy, { inverse }) => ({ x: run('GatherRowsGrad', { dy, inverse }) }));
