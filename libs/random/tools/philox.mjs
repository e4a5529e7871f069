/**
 * Philox4x32-10 (see ../src/philox.ts) as text of WebAssembly SIMD, for the kernels of other rooms: the ten rounds, unrolled, over four counters at once.
 * A function that uses it has the locals `philoxVectors` (v128), runs `philoxConstants(seed, step)` once, then for every four counters sets
 * $c0 … $c3 (lane i: a word of counter i), and runs `philoxRounds`, after which they are the words: lane i of $c0 is word 0 of counter i.
 */
const constant = (x) => `(i32.const ${x >>> 0})`;
const splat = (x) => `(i32x4.splat ${x})`;
const get = (name) => `(local.get $${name})`;
const set = (name, value) => `(local.set $${name} ${value})`;
const xor = (a, b) => `(v128.xor ${a} ${b})`;
/** Four 32-bit words of two vectors. */
export const shuffle = (words, a, b) => {
  const bytes = words.flatMap((word) => [0, 1, 2, 3].map((byte) => word * 4 + byte));
  return `(i8x16.shuffle ${bytes.join(' ')} ${get(a)} ${get(b)})`;
};

const rounds = [...Array(10).keys()];

/** The four 64-bit products c · m: lanes 0 and 1 into $l, lanes 2 and 3 into $h. */
const product = (c, m) =>
  set('l', `(i64x2.extmul_low_i32x4_u ${get(c)} ${get(m)})`) +
  set('h', `(i64x2.extmul_high_i32x4_u ${get(c)} ${get(m)})`);
const lowWords = shuffle([0, 2, 4, 6], 'l', 'h');
const highWords = shuffle([1, 3, 5, 7], 'l', 'h');

const round = (r) => `
   ${product('c0', 'M0')}${set('hi0', highWords)}${set('lo0', lowWords)}
   ${product('c2', 'M1')}${set('c0', xor(xor(highWords, get('c1')), get(`a${r}`)))}${set('c1', lowWords)}
   ${set('c2', xor(xor(get('hi0'), get('c3')), get(`b${r}`)))}${set('c3', get('lo0'))}`;

export const philoxVectors = [
  'c0',
  'c1',
  'c2',
  'c3',
  'l',
  'h',
  'hi0',
  'lo0',
  'M0',
  'M1',
  ...rounds.flatMap((r) => [`a${r}`, `b${r}`]),
];

/** Multipliers and the key of every round, from two i32. */
export const philoxConstants = (seed, step) =>
  set('M0', splat(constant(0xd2511f53))) +
  set('M1', splat(constant(0xcd9e8d57))) +
  rounds
    .map(
      (r) =>
        set(`a${r}`, splat(`(i32.add ${seed} ${constant(Math.imul(r, 0x9e3779b9))})`)) +
        set(`b${r}`, splat(`(i32.add ${step} ${constant(Math.imul(r, 0xbb67ae85))})`)),
    )
    .join('\n  ');

export const philoxRounds = rounds.map(round).join('');
