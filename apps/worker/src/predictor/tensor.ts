/** Numbers with a shape, as a program gives them. */
export interface Tensor {
  shape: number[];
  data: Float32Array;
}

/** Row `row` of axis `batchAxis`, and the first `n` of every axis in `timeAxes` (counted without the batch axis): one input's part of a batch. */
export function partOf({ shape, data }: Tensor, batchAxis: number, timeAxes: number[], row: number, n: number): Tensor {
  const outer = shape.slice(0, batchAxis).reduce((a, b) => a * b, 1);
  const inner = shape.slice(batchAxis + 1).reduce((a, b) => a * b, 1);
  const width = shape[batchAxis] * inner;
  const rest = shape.toSpliced(batchAxis, 1);
  const whole = new Float32Array(outer * inner);
  for (let o = 0; o < outer; o++)
    whole.set(data.subarray(o * width + row * inner, o * width + (row + 1) * inner), o * inner);
  return timeAxes.reduce<Tensor>((part, axis) => firstOf(part, axis, n), { shape: rest, data: whole });
}

function firstOf({ shape, data }: Tensor, axis: number, n: number): Tensor {
  if (shape[axis] === n) return { shape, data };
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const cut = new Float32Array(outer * n * inner);
  for (let o = 0; o < outer; o++) {
    const from = o * shape[axis] * inner;
    cut.set(data.subarray(from, from + n * inner), o * n * inner);
  }
  return { shape: shape.with(axis, n), data: cut };
}

type Nested = number[] | Nested[];

/** As nested arrays, one level an axis. */
export function nested<T extends Nested>({ shape, data }: Tensor): T {
  const build = (axis: number, from: number, size: number): Nested => {
    if (axis === shape.length - 1) return Array.from(data.subarray(from, from + shape[axis]));
    const step = size / shape[axis];
    return Array.from({ length: shape[axis] }, (_, i) => build(axis + 1, from + i * step, step)) as Nested;
  };
  return build(0, 0, data.length) as T;
}

/** The rows of a matrix, or of what is flattened to one. */
export const rowsOf = ({ shape, data }: Tensor): Float32Array[] => {
  const width = shape[shape.length - 1];
  return Array.from({ length: data.length / width }, (_, i) => data.subarray(i * width, (i + 1) * width));
};
