// The gated recurrent unit, and products of weights that many steps share.
import { recorder as B, kernel } from './recorder.js';

kernel('StepLinear', ({ x, w, b }) =>
  B.result([x.shape[0], w.shape[1]], B.op('Gemm', [B.name(x), B.name(w), ...(b ? [B.name(b)] : [])])),
);
kernel('StepLinearDw', ({ dy, x }) =>
  B.result([x.shape[1], dy.shape[1]], undefined, {
    products: [{ left: B.name(x), right: B.name(dy), n: dy.shape[0] }],
  }),
);
kernel('StepColumnSum', ({ dy }) =>
  B.result([dy.shape[1]], undefined, {
    products: [{ right: B.name(dy), n: dy.shape[0] }],
    dims: [1, dy.shape[1]],
  }),
);

/** What forward leaves for the gradient: the gates, change = alive · (1 − update), h − candidate, and the candidate's part of gh. */
interface Saved extends Record<string, unknown> {
  reset: string;
  update: string;
  candidate: string;
  change: string;
  away: string;
  inner: string;
}

kernel('GruCell', ({ gx, gh, h, alive }) => {
  const width = h.shape[1];
  const parts = B.ints([2 * width, width]);
  const [xGates, xInner] = B.ops('Split', [B.name(gx), parts], { axis: 1 }, 2);
  const [hGates, inner] = B.ops('Split', [B.name(gh), parts], { axis: 1 }, 2);
  const gates = B.op('Sigmoid', [B.op('Add', [xGates, hGates])]);
  const [reset, update] = B.ops('Split', [gates, B.ints([width, width])], { axis: 1 }, 2);
  const candidate = B.op('Tanh', [B.op('Add', [xInner, B.op('Mul', [reset, inner])])]);
  const open = B.op('Sub', [B.scalar(1), update]);
  const change = alive ? B.op('Mul', [open, B.name(alive)]) : open;
  const away = B.op('Sub', [B.name(h), candidate]);
  const next = B.op('Sub', [B.name(h), B.op('Mul', [change, away])]);
  return B.result(h.shape, next, { aux: { reset, update, candidate, change, away, inner } satisfies Saved });
});

// with g = dy · change: d candidate = g; d update's sum = g · (h − candidate) · update, because d change = −alive · update (1 − update)
kernel('GruCellGrad', ({ dy, y }) => {
  const [n, width] = y.shape;
  const { reset, update, candidate, change, away, inner } = B.entry(y).aux as Saved;
  const d = B.name(dy);
  const one = B.scalar(1);
  const g = B.op('Mul', [d, change]);
  const dCandidate = B.op('Mul', [g, B.op('Sub', [one, B.op('Mul', [candidate, candidate])])]);
  const dInner = B.op('Mul', [dCandidate, reset]);
  const dReset = B.op('Mul', [B.op('Mul', [dInner, inner]), B.op('Sub', [one, reset])]);
  const dUpdate = B.op('Mul', [B.op('Mul', [g, away]), update]);
  const joined = (last: string) => B.result([n, 3 * width], B.op('Concat', [dReset, dUpdate, last], { axis: 1 }));
  return [joined(dCandidate), joined(dInner), B.result(y.shape, B.op('Sub', [d, g]))];
});
