import { softmax } from './softmax.js';

/** Places of the fit, and of the points, are in [0, 5). */
const range = 5;

/** The function to be found again ("Dive into Deep Learning", section 11.2). */
const truthAt = (x: number): number => 2 * Math.sin(x) + x ** 0.8;

export interface Points {
  x: number[];
  y: number[];
}

/** `n` places at equal distances over the range, and the true function there. */
export function truth(n: number): Points {
  const x = Array.from({ length: n }, (_, i) => (range * i) / n);
  return { x, y: x.map(truthAt) };
}

/** `n` noisy points by x, always the same: additive recurrence by two irrational numbers, which spreads evenly without being regular. */
export function points(n: number, noise: number): Points {
  const part = (i: number, step: number) => (0.5 + i * step) % 1;
  const x = Array.from({ length: n }, (_, i) => range * part(i, 0.618_033_988_7)).sort((a, b) => a - b);
  return { x, y: x.map((place, i) => truthAt(place) + noise * Math.sqrt(12) * (part(i, 0.414_213_562_4) - 0.5)) };
}

/**
 * Nadaraya–Watson regression with a Gaussian kernel of width 1 / w: f(q) = Σᵢ softmax(−½ ((q − kᵢ) w)²) vᵢ.
 *
 * @returns the fit at each query, and weights[query][point]
 */
export function kernelFit({ x, y }: Points, queries: readonly number[], w: number) {
  const weights = queries.map((query) => softmax(x.map((key) => -0.5 * ((query - key) * w) ** 2)));
  return { fit: weights.map((row) => row.reduce((sum, weight, i) => sum + weight * y[i], 0)), weights };
}

/** Root of the mean squared difference. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);
