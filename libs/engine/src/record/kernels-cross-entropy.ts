// Softmax cross-entropy of a linear classifier. Only Softmax reads the logits, so it runs in place.
import { recorder as B, kernel } from './recorder.js';

/** A row's loss is capped at 87.3, minus the log of the smallest normal float. */
const SMALLEST = 1.2e-38;

/** Names of the probabilities P [n, classes] and of P[r, label[r]] as [n, 1]. */
interface Saved extends Record<string, unknown> {
  p: string;
  chosen: string;
}

kernel('DecoderCrossEntropy', ({ x, w, b, labels, weights }) => {
  const n = x.shape[0];
  const p = B.op('Softmax', [B.op('Gemm', [B.name(x), B.name(w), B.name(b)], { transB: 1 })], { axis: -1 });
  const chosen = B.op('GatherElements', [p, B.reshape(B.raw(labels), [n, 1])], { axis: 1 });
  const logLikelihood = B.op('Log', [B.op('Max', [chosen, B.scalar(SMALLEST)])]);
  const sum = B.op('MatMul', [B.reshape(B.name(weights), [1, n]), logLikelihood]);
  return B.result([], B.op('Neg', [B.reshape(sum, [])]), { aux: { p, chosen } satisfies Saved });
});

// right where the label's probability is the largest
kernel('DecoderCorrect', ({ loss, labels, weights }) => {
  const { p, chosen } = B.entry(loss).aux as Saved;
  const n = labels.shape[0];
  const largest = B.op('ReduceMax', [p, B.ints([1])], { keepdims: 1 });
  const right = B.op('Cast', [B.op('GreaterOrEqual', [chosen, largest])], { to: 1 });
  return B.result([], B.reshape(B.op('MatMul', [B.reshape(B.name(weights), [1, n]), right]), []));
});

// with c = weight · dy: dlogits = c (P − onehot), so dx = c (P W − W[label]); dW = P^T (c x) − rows(label, c x); db = c^T P − rows(label, c)
kernel('DecoderCrossEntropyGrad', ({ dy, x, w, labels, weights, y }) => {
  const n = x.shape[0];
  const [classes, width] = w.shape;
  const { p } = B.entry(y).aux as Saved;
  const [ids, decoder] = [B.raw(labels), B.name(w)];
  const c = B.op('Mul', [B.name(weights), B.name(dy)]);
  const column = B.reshape(c, [n, 1]);
  const cx = B.op('Mul', [B.name(x), column]);
  const expected = B.op('MatMul', [p, decoder]);
  const dx = B.op('Mul', [B.op('Sub', [expected, B.op('Gather', [decoder, ids], { axis: 0 })]), column]);
  const minus = (node: string, columns: number) => [{ ids, node: B.op('Neg', [node]), width: columns, n }];
  return [
    B.result(x.shape, dx),
    B.result(w.shape, B.op('Gemm', [p, cx], { transA: 1 }, { fold: true }), { rows: minus(cx, width) }),
    B.result([classes], B.op('MatMul', [B.reshape(c, [1, n]), p]), { dims: [1, classes], rows: minus(column, 1) }),
  ];
});
