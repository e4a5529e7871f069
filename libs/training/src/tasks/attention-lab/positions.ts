// D hidden size; p(i) the encoding of position i.
import { ParameterSpace } from '@regatta/engine';
import { sinusoidalPositions } from '@regatta/models';
import { type Experiment, type LabOf, type ResultOf, rowsOf } from './lab-task.js';

/**
 * R(δ) [D, D] with p(i + δ) = R(δ) p(i) for every i (Vaswani et al., 2017, section 3.5): for each pair of columns, a sine and a cosine of
 * frequency ω, the rotation by δω.
 */
export function offsetMap(delta: number, width: number): Float32Array {
  const map = new Float32Array(width * width);
  for (let k = 0; k < width; k += 2) {
    const angle = delta / 10_000 ** (k / width);
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    map[k * width + k] = cosine;
    map[k * width + k + 1] = sine;
    map[(k + 1) * width + k] = -sine;
    map[(k + 1) * width + k + 1] = cosine;
  }
  return map;
}

/** The largest ‖R p(i) − p(i + δ)‖ over the first `length` positions of a table [length + δ, D]. */
export function residual(
  table: Float32Array,
  map: Float32Array,
  { length, delta, width }: { length: number; delta: number; width: number },
): number {
  let largest = 0;
  for (let i = 0; i < length; i++) {
    let squares = 0;
    for (let row = 0; row < width; row++) {
      let moved = 0;
      for (let k = 0; k < width; k++) moved += map[row * width + k] * table[i * width + k];
      squares += (moved - table[(i + delta) * width + row]) ** 2;
    }
    largest = Math.max(largest, Math.sqrt(squares));
  }
  return largest;
}

/** Sinusoidal positions as a matrix, and the map that moves every one of them by δ. Nothing is learned. */
export function positionsLab({ length, hiddenSize: width, offset: delta }: LabOf<'positions'>): Experiment {
  const table = sinusoidalPositions(length + delta, width);
  const map = offsetMap(delta, width);
  const left = residual(table, map, { length, delta, width });
  return {
    space: new ParameterSpace([], { scratchBytes: 64, partials: 1, scalars: 1 }),
    sums: [],
    metrics: async () => ({ residual: left }),
    result: async (): Promise<ResultOf<'positions'>> => ({
      experiment: 'positions',
      matrix: rowsOf(table.subarray(0, length * width), width),
      offset: delta,
      map: rowsOf(map, width),
      residual: left,
    }),
  };
}
