/**
 * hash(seed, n): 32 bits of the n bytes (a multiple of 128) at 0. Eight accumulators of four lanes, a ← rotl(a ^ word, 13) · prime (odd): each is a
 * bijection of a and of the word, and so is the folding at the end, hence a change within one word is always seen.
 */
const lanes = Array.from({ length: 8 }, (_, i) => i);
/** Odd constants of xxHash (Yann Collet); any odd ones would do. */
const [p1, p2, p3] = ['0x9E3779B1', '0x85EBCA77', '0xC2B2AE3D'];
const splat = (value) => `(i32x4.splat (i32.const ${value}))`;
const mixed = (a, x) => `
   (local.set $t (v128.xor ${a} ${x}))
   (i32x4.mul (v128.or (i32x4.shl (local.get $t) (i32.const 13)) (i32x4.shr_u (local.get $t) (i32.const 19))) (local.get $p))`;
const mixInto = (a, x) => `(local.set ${a} ${mixed(`(local.get ${a})`, x)})`;
const mixScalar = (x) =>
  `(local.set $h (i32.mul (i32.rotl (i32.xor (local.get $h) ${x}) (i32.const 13)) (i32.const ${p1})))`;
const avalanche = [
  [15, p2],
  [13, p3],
].map(
  ([shift, prime]) =>
    `(local.set $h (i32.mul (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const ${shift}))) (i32.const ${prime})))`,
);

export const hash = `
 (func (export "hash") (param $seed i32) (param $n i32) (result i32)
  (local $at i32) (local $h i32) (local $t v128) (local $p v128) ${lanes.map((i) => `(local $a${i} v128)`).join(' ')}
  (local.set $p ${splat(p1)})
  ${lanes.map((i) => `(local.set $a${i} (i32x4.add (i32x4.splat (local.get $seed)) (v128.const i32x4 ${[0, 1, 2, 3].map((lane) => 4 * i + lane + 1).join(' ')})))`).join('\n  ')}
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $at) (local.get $n)))
    ${lanes.map((i) => mixInto(`$a${i}`, `(v128.load offset=${16 * i} (local.get $at))`)).join('\n    ')}
    (local.set $at (i32.add (local.get $at) (i32.const 128)))
    (br $l)))
  ${lanes
    .slice(1)
    .map((i) => mixInto('$a0', `(local.get $a${i})`))
    .join('\n  ')}
  (local.set $h (local.get $seed))
  ${[0, 1, 2, 3].map((lane) => mixScalar(`(i32x4.extract_lane ${lane} (local.get $a0))`)).join('\n  ')}
  ${avalanche.join('\n  ')}
  (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 16))))`;
