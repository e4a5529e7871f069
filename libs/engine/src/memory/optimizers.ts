import type { Layout } from './layout.js';
import type { ParameterSpace } from './space.js';

/** Floats a float32 sum of squares runs over before it is added in float64. */
const NORM_BLOCK = 16384;

export interface AdamWOptions {
  /** 1 for the first update. */
  step: number;
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Largest global norm of the gradient; 0 does not clip. */
  clipNorm: number;
  /** What the gradient is multiplied by before it is clipped (default 1). */
  gradientScale?: number;
}

export interface Updated {
  gradNorm: number;
  applied: boolean;
}

/** See ParameterSpace.gradientNorm; `start` points to the flat vector. */
export function gradientNorm({ kernels, learning }: ParameterSpace, start: number): number {
  let sum = 0;
  for (let i = 0; i < learning; i += NORM_BLOCK) {
    sum += kernels.sumOfSquares(start + 4 * i, Math.min(NORM_BLOCK, learning - i));
  }
  return Math.sqrt(sum);
}

/** What the gradient is multiplied by so that its norm, of the scaled one, is at most clipNorm. */
const clipped = (gradNorm: number, clipNorm: number, gradientScale: number): number =>
  gradientScale * (clipNorm > 0 ? Math.min(1, clipNorm / (gradNorm + 1e-6)) : 1);

/** See ParameterSpace.adamw. */
export function adamw(
  space: ParameterSpace,
  segments: Layout['segments'],
  flat: Float32Array,
  { step, learningRate, beta1, beta2, epsilon, weightDecay, clipNorm, gradientScale = 1 }: AdamWOptions,
): Updated {
  const gradNorm = gradientScale * space.gradientNorm(flat);
  if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false };
  const scale = clipped(gradNorm, clipNorm, gradientScale);
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  // m/c1 / (sqrt(v)/c2 + ε) = (c2/c1) m / (sqrt(v) + ε c2): the corrections leave the loop
  const rate = (learningRate / correction1) * correction2;
  for (const { from, to, decay, rateScale } of segments) {
    const [w, m, v] = [space.w, space.m, space.v].map((region) => region.byteOffset + 4 * from);
    const g = flat.byteOffset + 4 * from;
    const rests = [1 - beta1, 1 - beta2] as const;
    const keep = decay ? 1 - rateScale * learningRate * weightDecay : 1;
    const small = epsilon * correction2;
    space.kernels.adamw(w, g, m, v, to - from, scale, beta1, beta2, ...rests, rateScale * rate, small, keep);
  }
  return { gradNorm, applied: true };
}

/** See ParameterSpace.sgd. */
export function sgd(
  space: ParameterSpace,
  segments: Layout['segments'],
  flat: Float32Array,
  { learningRate, clipNorm, gradientScale = 1 }: Pick<AdamWOptions, 'learningRate' | 'clipNorm' | 'gradientScale'>,
): Updated {
  const gradNorm = gradientScale * space.gradientNorm(flat);
  if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false };
  const scale = clipped(gradNorm, clipNorm, gradientScale);
  for (const { from, to, rateScale } of segments) {
    const rate = rateScale * learningRate * scale;
    for (let i = from; i < to; i++) space.w[i] -= rate * flat[i];
  }
  return { gradNorm, applied: true };
}

export interface OuterOptions {
  /** What sums are multiplied by to be means: 1 / replicas. */
  share: number;
  momentum: number;
  rate: number;
}

/** See ParameterSpace.outerStep. */
export function outerStep(space: ParameterSpace, { share, momentum, rate }: OuterOptions): Updated {
  const { reduced, learning, views } = space;
  const { w, m, v, o } = views;
  const gradNorm = share * space.gradientNorm(reduced);
  if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false };
  for (let i = 0; i < learning; i++) {
    const change = share * reduced[i];
    o[i] = momentum * o[i] + change;
    w[i] -= rate * (change + momentum * o[i]);
    m[i] = share * reduced[learning + i];
    v[i] = share * reduced[2 * learning + i];
  }
  return { gradNorm, applied: true };
}
