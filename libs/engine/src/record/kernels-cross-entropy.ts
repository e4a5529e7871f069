// Softmax cross-entropy of a linear classifier. Only Softmax reads the logits, so it runs in place. With label smoothing ε, sums over all
// classes are never taken row by row: they are products with the mean of W's rows.
import { recorder as B, type Info, kernel } from './recorder.js';

/** A row's loss is capped at 87.3, minus the log of the smallest normal float. */
const SMALLEST = 1.2e-38;

/** Names of the probabilities P [n, classes], of P[r, label[r]] as [n, 1], and of the sum without smoothing, []. */
interface Saved extends Record<string, unknown> {
  p: string;
  chosen: string;
  nll: string;
}
interface Attributes {
  smoothing: number;
}

/** W's row of each label, [n, width]. */
const labelRows = (w: Info, labels: Info): string => {
  const [decoder, ids] = [B.name(w), B.raw(labels)];
  return B.once(`rows ${decoder} ${ids}`, () => B.op('Gather', [decoder, ids], { axis: 0 }));
};

/** The mean of W's rows, [1, width]. */
const meanRow = (w: Info): string => {
  const decoder = B.name(w);
  const share = B.fill(1 / w.shape[0], [1, w.shape[0]]);
  return B.once(`mean row ${decoder}`, () => B.op('MatMul', [share, decoder]));
};

kernel<Attributes>('DecoderCrossEntropy', ({ x, w, b, labels, weights }, { smoothing }) => {
  const [n, width] = x.shape;
  const classes = w.shape[0];
  const [rows, bias, ids] = [B.name(x), B.name(b), B.raw(labels)];
  const p = B.op('Softmax', [B.op('Gemm', [rows, B.name(w), bias], { transB: 1 })], { axis: -1 });
  const chosen = B.op('GatherElements', [p, B.reshape(ids, [n, 1])], { axis: 1 });
  const logLikelihood = B.op('Log', [B.op('Max', [chosen, B.scalar(SMALLEST)])]);
  const weighted = (column: string) => B.reshape(B.op('MatMul', [B.reshape(B.name(weights), [1, n]), column]), []);
  const nll = B.op('Neg', [weighted(logLikelihood)]);
  if (smoothing === 0) return B.result([], nll, { aux: { p, chosen, nll } satisfies Saved });
  // the mean of −log P over all classes is −log P[label] + logit[label] − the mean logit
  const away = B.op('Mul', [rows, B.op('Sub', [labelRows(w, labels), meanRow(w)])]);
  const slope = B.op('MatMul', [away, B.fill(1, [width, 1])]);
  const meanBias = B.op('MatMul', [B.fill(1 / classes, [1, classes]), B.reshape(bias, [classes, 1])]);
  const level = B.op('Sub', [B.reshape(B.op('Gather', [bias, ids], { axis: 0 }), [n, 1]), meanBias]);
  const excess = B.op('Mul', [weighted(B.op('Add', [slope, level])), B.scalar(smoothing)]);
  return B.result([], B.op('Add', [nll, excess]), { aux: { p, chosen, nll } satisfies Saved });
});

kernel('DecoderNll', ({ loss }) => B.result([], (B.entry(loss).aux as Saved).nll));

// right where the label's probability is the largest
kernel('DecoderCorrect', ({ loss, labels, weights }) => {
  const { p, chosen } = B.entry(loss).aux as Saved;
  const n = labels.shape[0];
  const largest = B.op('ReduceMax', [p, B.ints([1])], { keepdims: 1 });
  const right = B.op('Cast', [B.op('GreaterOrEqual', [chosen, largest])], { to: 1 });
  return B.result([], B.reshape(B.op('MatMul', [B.reshape(B.name(weights), [1, n]), right]), []));
});

// with c = weight · dy: dlogits = c (P − (1 − ε) onehot − ε/classes), so
// dx = c (P W − (1 − ε) W[label] − ε mean row); dW = P^T (c x) − rows(label, (1 − ε) c x) − ε/classes Σ c x in every row; db likewise
kernel<Attributes>('DecoderCrossEntropyGrad', ({ dy, x, w, labels, weights, y }, { smoothing }) => {
  const n = x.shape[0];
  const [classes, width] = w.shape;
  const { p } = B.entry(y).aux as Saved;
  const ids = B.raw(labels);
  const c = B.op('Mul', [B.name(weights), B.name(dy)]);
  const [column, row] = [B.reshape(c, [n, 1]), B.reshape(c, [1, n])];
  const cx = B.op('Mul', [B.name(x), column]);
  const truth =
    smoothing === 0
      ? labelRows(w, labels)
      : B.op('Add', [
          B.op('Mul', [labelRows(w, labels), B.scalar(1 - smoothing)]),
          B.op('Mul', [meanRow(w), B.scalar(smoothing)]),
        ]);
  const dx = B.op('Mul', [B.op('Sub', [B.op('MatMul', [p, B.name(w)]), truth]), column]);
  const minus = (node: string, columns: number) => {
    const taken = smoothing === 0 ? B.op('Neg', [node]) : B.op('Mul', [node, B.scalar(smoothing - 1)]);
    return [{ ids, node: taken, width: columns, n }];
  };
  const product = B.op('Gemm', [p, cx], { transA: 1 }, { fold: true });
  const biasProduct = B.op('MatMul', [row, p], {}, { fold: true });
  // onto every class alike: folded into the product's addend, which broadcasts
  const level = (rows: string) => B.op('MatMul', [B.fill(-smoothing / classes, [1, n]), rows]);
  return [
    B.result(x.shape, dx),
    B.result(w.shape, smoothing === 0 ? product : B.op('Add', [product, level(cx)]), { rows: minus(cx, width) }),
    B.result([classes], smoothing === 0 ? biasProduct : B.op('Add', [biasProduct, level(column)]), {
      dims: [1, classes],
      rows: minus(column, 1),
    }),
  ];
});
