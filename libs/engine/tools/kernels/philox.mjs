/**
 * Philox4x32-10 in WebAssembly SIMD: four counters a pass, 64 bytes of output, in the order of a scalar implementation
 * (block 0's four words, then block 1's, ...). The key schedule of all ten rounds is computed once before the loop.
 */
import { philoxConstants, philoxRounds, philoxVectors, shuffle } from '../../../random/tools/philox.mjs';

const get = (name) => `(local.get $${name})`;
const set = (name, value) => `(local.set $${name} ${value})`;
const splat = (x) => `(i32x4.splat ${x})`;

/** Lane i of c0..c3 is counter i's block: turned so that c_i is the whole block of counter i. */
const transpose = `
   ${set('l', shuffle([0, 4, 1, 5], 'c0', 'c1'))}${set('h', shuffle([0, 4, 1, 5], 'c2', 'c3'))}
   ${set('hi0', shuffle([2, 6, 3, 7], 'c0', 'c1'))}${set('lo0', shuffle([2, 6, 3, 7], 'c2', 'c3'))}
   ${set('c0', shuffle([0, 1, 4, 5], 'l', 'h'))}${set('c1', shuffle([2, 3, 6, 7], 'l', 'h'))}
   ${set('c2', shuffle([0, 1, 4, 5], 'hi0', 'lo0'))}${set('c3', shuffle([2, 3, 6, 7], 'hi0', 'lo0'))}`;

const store = (value) => [0, 1, 2, 3].map((j) => `(v128.store offset=${16 * j} ${get('dst')} ${value(j)})`).join('');
const keepBits = store((j) => `(v128.and (i8x16.ge_u ${get(`c${j}`)} ${get('T')}) ${get('one')})`);
const rawWords = store((j) => get(`c${j}`));

export const philox = `
 ;; Fills bytes (rounded up to 64) at dst from counters (first + i, site, shard, 0) under the key (seed, step).
 ;; threshold >= 0: 1 where the random byte is >= threshold, else 0; threshold < 0: the raw words.
 (func (export "philox")
  (param $dst i32) (param $bytes i32) (param $seed i32) (param $step i32) (param $site i32) (param $shard i32) (param $first i32)
  (param $threshold i32)
  (local $end i32) ${['T', 'one', ...philoxVectors].map((name) => `(local $${name} v128)`).join(' ')}
  ${set('T', `(i8x16.splat ${get('threshold')})`)}${set('one', '(i8x16.splat (i32.const 1))')}
  ${philoxConstants(get('seed'), get('step'))}
  ${set('end', `(i32.add ${get('dst')} ${get('bytes')})`)}
  (block $done (loop $more
   (br_if $done (i32.ge_u ${get('dst')} ${get('end')}))
   ${set('c0', `(i32x4.add ${splat(get('first'))} (v128.const i32x4 0 1 2 3))`)}
   ${set('c1', splat(get('site')))}${set('c2', splat(get('shard')))}${set('c3', splat('(i32.const 0)'))}
   ${philoxRounds}
   ${transpose}
   (if (i32.lt_s ${get('threshold')} (i32.const 0)) (then ${rawWords}) (else ${keepBits}))
   ${set('first', `(i32.add ${get('first')} (i32.const 4))`)}${set('dst', `(i32.add ${get('dst')} (i32.const 64))`)}
   (br $more))))`;
