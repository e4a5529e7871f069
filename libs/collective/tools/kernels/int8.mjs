/**
 * Blocks of 32 floats as 8-bit numbers that share a power of two, in the rooms of vector.wat, one block a pass. The scale of a block is the least
 * power of two of which 127 are no less than every number in it: from the bits m of the greatest magnitude, its biased exponent is
 * ((m + 0x1ffff) >> 23) - 6, at least 1. Where that needs more than float32 has (or m is infinite or no number) the whole block is NaN.
 * Rounding is stochastic, floor(x / scale + u) with u of 16 bits from Philox, never 0; a number that is whole already stays what it is.
 */
import { philoxConstants, philoxRounds, philoxVectors, shuffle } from '../../../random/tools/philox.mjs';

const get = (name) => `(local.get $${name})`;
const set = (name, value) => `(local.set $${name} ${value})`;
const splat = (value) => `(i32x4.splat (i32.const ${value}))`;
const eight = [...Array(8).keys()];
const load = (i, room = 0) => `(v128.load offset=${room + 16 * i} ${get('at')})`;
const quietNaN = splat('0x7fc00000');

const vectors = [...eight.map((i) => `v${i}`), 'm', 'e', 'scale', 'inverse', 'none'];

/** For every block of the first $n floats (whole blocks): $at is its first float's byte, $packed that of its 33 bytes. */
const loop = (name, parameters, locals, before, body) => `
 (func (export "${name}") (param $n i32) ${parameters.map((each) => `(param $${each} i32)`).join(' ')}
  (local $at i32) (local $packed i32) (local $end i32) ${locals.map((each) => `(local $${each} v128)`).join(' ')}
  ${set('end', `(i32.shl ${get('n')} (i32.const 2))`)}
  ${before}
  (block $done
   (loop $l
    (br_if $done (i32.ge_u ${get('at')} ${get('end')}))
    ${body}
    ${set('at', `(i32.add ${get('at')} (i32.const 128))`)}
    ${set('packed', `(i32.add ${get('packed')} (i32.const 33))`)}
    (br $l))))`;

/** $e: the biased exponent of the block's scale, $none: all bits where it is not finite; $scale and $inverse. All lanes alike. */
const measure = [
  set('m', splat(0)),
  ...eight.map((i) => set('m', `(i32x4.max_u ${get('m')} (v128.and ${get(`v${i}`)} ${splat('0x7fffffff')}))`)),
  set('m', `(i32x4.max_u ${get('m')} ${shuffle([2, 3, 0, 1], 'm', 'm')})`),
  set('m', `(i32x4.max_u ${get('m')} ${shuffle([1, 0, 3, 2], 'm', 'm')})`),
  set('e', `(i32x4.shr_u (i32x4.add ${get('m')} ${splat('0x1ffff')}) (i32.const 23))`),
  set('none', `(i32x4.ge_s ${get('e')} ${splat(255)})`),
  set('e', `(i32x4.max_s (i32x4.sub ${get('e')} ${splat(6)}) ${splat(1)})`),
  set('scale', `(i32x4.shl ${get('e')} (i32.const 23))`),
  set('inverse', `(i32x4.shl (i32x4.sub ${splat(254)} ${get('e')}) (i32.const 23))`),
].join('\n    ');

/** (h + 1/2) / 65536 for the lower or the upper halves h of the words of $c_k. */
const uniform = (i) => {
  const words = get(`c${i >> 1}`);
  const moved = i % 2 === 0 ? `(i32x4.shl ${words} (i32.const 7))` : `(i32x4.shr_u ${words} (i32.const 9))`;
  return `(f32x4.sub (v128.or (v128.and ${moved} ${splat('0x7fff80')}) ${splat('0x3f800040')}) (f32x4.splat (f32.const 1)))`;
};
const scaled = (i) => `(f32x4.mul ${get(`v${i}`)} ${get('inverse')})`;
const orNaN = (value) => `(v128.bitselect ${quietNaN} ${value} ${get('none')})`;

/** Random numbers of a block: counters (4 · block + lane, c1, c2, c3), $block counts on by 4. */
const draw = `
    ${set('c0', `(i32x4.add (i32x4.splat ${get('block')}) (v128.const i32x4 0 1 2 3))`)}
    ${[1, 2, 3].map((k) => set(`c${k}`, `(i32x4.splat ${get(`k${k}`)})`)).join('')}
    ${philoxRounds}
    ${set('block', `(i32.add ${get('block')} (i32.const 4))`)}`;

const rounding = (name, value) =>
  loop(
    name,
    ['seed', 'step', 'block', 'k1', 'k2', 'k3'],
    [...vectors, ...philoxVectors],
    philoxConstants(get('seed'), get('step')),
    [
      ...eight.map((i) => set(`v${i}`, value(i))),
      measure,
      draw,
      ...eight.map((i) => {
        const rounded = `(f32x4.mul (f32x4.floor (f32x4.add ${scaled(i)} ${uniform(i)})) ${get('scale')})`;
        return `(v128.store offset=${16 * i} ${get('at')} ${orNaN(rounded)})`;
      }),
    ].join('\n    '),
  );

const whole = (i) => `(i32x4.trunc_sat_f32x4_s ${scaled(i)})`;
const words = (i) => `(i16x8.narrow_i32x4_s ${whole(i)} ${whole(i + 1)})`;
const bytes = (i) => `(i8x16.narrow_i16x8_s ${words(i)} ${words(i + 2)})`;
/** The i-th four of the 32 numbers of a packed block, as i32. */
const unpacked = (i) => {
  const sixteen = `(v128.load offset=${65537 + 16 * (i >> 2)} ${get('packed')})`;
  const half = (bit) => (bit ? 'high' : 'low');
  return `(i32x4.extend_${half(i & 1)}_i16x8_s (i16x8.extend_${half(i & 2)}_i8x16_s ${sixteen}))`;
};

export const int8 = [
  // float[i] at 0 = round(float[i] at 0)
  rounding('round8', (i) => load(i)),
  // float[i] at 0 = round(float[i] at 0 + float[i] at 65536)
  rounding('addRounded8', (i) => `(f32x4.add ${load(i)} ${load(i, 65536)})`),
  // blocks at 65536 (the exponent, 255 for NaN; then 32 numbers) = the rounded floats at 0
  loop(
    'pack8',
    [],
    vectors,
    '',
    [
      ...eight.map((i) => set(`v${i}`, load(i))),
      measure,
      `(i32.store8 offset=65536 ${get('packed')} (i32x4.extract_lane 0 (v128.or ${get('e')} ${get('none')})))`,
      `(v128.store offset=65537 ${get('packed')} ${bytes(0)})`,
      `(v128.store offset=65553 ${get('packed')} ${bytes(4)})`,
    ].join('\n    '),
  ),
  // float[i] at 0 = the blocks at 65536
  loop(
    'unpack8',
    [],
    ['scale', 'none'],
    '',
    [
      set('scale', `(i32x4.splat (i32.load8_u offset=65536 ${get('packed')}))`),
      set('none', `(i32x4.eq ${get('scale')} ${splat(255)})`),
      set('scale', `(i32x4.shl ${get('scale')} (i32.const 23))`),
      ...eight.map((i) => {
        const value = `(f32x4.mul (f32x4.convert_i32x4_s ${unpacked(i)}) ${get('scale')})`;
        return `(v128.store offset=${16 * i} ${get('at')} ${orNaN(value)})`;
      }),
    ].join('\n    '),
  ),
].join('\n');
