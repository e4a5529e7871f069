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

/** The bfloat16 nearest to each of the first `rounded` floats, ties to even, from the definition. Only for what is finite. */
function round(vector: Float32Array, rounded: number): Float32Array {
  const words = new Uint32Array(vector.buffer, vector.byteOffset, Math.min(rounded, vector.length));
  words.forEach((word, i) => {
    const [below, rest] = [word >>> 16, word & 0xffff];
    const up = rest > 0x8000 || (rest === 0x8000 && below % 2 === 1);
    words[i] = ((below + (up ? 1 : 0)) << 16) >>> 0;
  });
  return vector;
}

/** The sum over shards [first, first + count) as one process would add it, from the definition: left half plus right half, each rounded to float32, and the first `rounded` to bfloat16. */
export function sumByDefinition(seed: number, first: number, count: number, length: number, rounded = 0): Float32Array {
  if (count === 1) {
    return round(leaf(seed, first, length), rounded);
  }
  const left = sumByDefinition(seed, first, count / 2, length, rounded);
  const right = sumByDefinition(seed, first + count / 2, count / 2, length, rounded);
  for (let i = 0; i < length; i += 1) {
    left[i] = left[i] + right[i];
  }
  return round(left, rounded);
}

/** The bits, for comparing: equal floats need not be equal bits (0 and −0), and NaN equals nothing. */
export function bits(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}
