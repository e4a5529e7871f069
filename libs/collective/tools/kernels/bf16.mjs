/**
 * bfloat16 in the rooms of vector.wat, 8 floats a pass. The rounding stands in each loop, for a call for every four floats takes longer than it. It is to
 * the nearest, ties to even, and leaves a float whose lower 16 bits are 0; every NaN becomes the quiet one, for rounding could carry it into
 * another number.
 */
const splat = (value) => `(i32x4.splat (i32.const ${value}))`;
/** Of the float in $x. */
const rounded = `
   (v128.bitselect
    (v128.and
     (i32x4.add
      (i32x4.add (local.get $x) ${splat('0x7fff')})
      (v128.and (i32x4.shr_u (local.get $x) (i32.const 16)) ${splat('1')}))
     ${splat('0xffff0000')})
    ${splat('0x7fc00000')}
    (f32x4.eq (local.get $x) (local.get $x)))`;
const load = (offset) => `(v128.load offset=${offset} (local.get $at))`;
/** `body` for every 8 floats; $at: the first one's byte, $half: that of the first bfloat16. */
const loop = (name, body) => `
 (func (export "${name}") (param $n i32)
  (local $at i32) (local $half i32) (local $end i32) (local $x v128) (local $low v128)
  (local.set $end (i32.shl (local.get $n) (i32.const 2)))
  (block $done
   (loop $l
    (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
    ${body}
    (local.set $at (i32.add (local.get $at) (i32.const 32)))
    (local.set $half (i32.add (local.get $half) (i32.const 16)))
    (br $l))))`;
const storeRounded = (offset, value) =>
  `(local.set $x ${value})\n    (v128.store offset=${offset} (local.get $at) ${rounded})`;
const upper = `(i32x4.shr_u ${rounded} (i32.const 16))`;
const widened = (half) =>
  `(i32x4.shl (i32x4.extend_${half}_i16x8_u (v128.load offset=65536 (local.get $half))) (i32.const 16))`;

export const bf16 = [
  // float[i] at 0 = round(float[i] at 0)
  loop('round', [0, 16].map((offset) => storeRounded(offset, load(offset))).join('\n    ')),
  // float[i] at 0 = round(float[i] at 0 + float[i] at 65536)
  loop(
    'addRounded',
    [0, 16].map((offset) => storeRounded(offset, `(f32x4.add ${load(offset)} ${load(65536 + offset)})`)).join('\n    '),
  ),
  // bfloat16[i] at 65536 = round(float[i] at 0)
  loop(
    'pack',
    `(local.set $x ${load(0)})
    (local.set $low ${upper})
    (local.set $x ${load(16)})
    (v128.store offset=65536 (local.get $half) (i16x8.narrow_i32x4_u (local.get $low) ${upper}))`,
  ),
  // float[i] at 0 = bfloat16[i] at 65536
  loop(
    'unpack',
    `(v128.store (local.get $at) ${widened('low')})
    (v128.store offset=16 (local.get $at) ${widened('high')})`,
  ),
].join('\n');
