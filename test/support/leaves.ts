const scales = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

/** The gradient of one shard, as any tests' data: values whose sums depend on the order in which they are added. */
export function leaf(seed: number, shard: number, length: number): Float32Array {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(shard + 1, 0x85ebca6b)) >>> 0;
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32 - 0.5) * scales[state % 7];
  }
  return values;
}

/** The sum over shards [first, first + count) as one process would add it, from the definition: left half plus right half, each rounded to float32. */
export function sumByDefinition(seed: number, first: number, count: number, length: number): Float32Array {
  if (count === 1) {
    return leaf(seed, first, length);
  }
  const left = sumByDefinition(seed, first, count / 2, length);
  const right = sumByDefinition(seed, first + count / 2, count / 2, length);
  for (let i = 0; i < length; i += 1) {
    left[i] = left[i] + right[i];
  }
  return left;
}

/** The bits, for comparing: equal floats need not be equal bits (0 and −0), and NaN equals nothing. */
export function bits(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}
