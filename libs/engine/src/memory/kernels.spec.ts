import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import { kernelsSource } from '../../tools/build-kernels.mjs';
import { ParameterSpace } from './space.js';

const space = new ParameterSpace([{ name: 'table', shape: [7, 5], decay: true, init: 'zeros' }], {
  scratchBytes: 65536,
  partials: 1,
  scalars: 3,
});
const scratch = (Type: typeof Uint8Array | typeof Float32Array | typeof Int32Array, at: number, n: number) =>
  new Type(space.memory.buffer, space.scratchStart + at, n);

describe('kernels', () => {
  it('are what the tool assembles from its sources', async () => {
    expect(readFileSync(new URL('./kernels.generated.ts', import.meta.url), 'utf8')).toBe(await kernelsSource());
  });

  it('draw the random words of the scalar Philox, from any block on', () => {
    const stream = new RandomStream({ seed: 0xfedcba98, step: 77, shard: 3, site: 'encoder.0.output/1' });
    const bytes = scratch(Uint8Array, 0, 200) as Uint8Array;
    const firstBlock = 5;
    const place = { seed: 0xfedcba98, step: 77, shard: 3, site: 'encoder.0.output/1', firstBlock };
    space.drawMask(bytes, -1, place);
    const words = new Uint32Array(bytes.slice().buffer);
    expect(Array.from(words)).toEqual(Array.from(words, (_, i) => stream.word(4 * firstBlock + i)));

    const random = bytes.slice();
    space.drawMask(bytes, 26, place);
    expect(Array.from(bytes)).toEqual(Array.from(random, (byte) => (byte >= 26 ? 1 : 0)));
  });

  it('keep with probability 1 − threshold/256', () => {
    const bytes = scratch(Uint8Array, 0, 65536) as Uint8Array;
    space.drawMask(bytes, 26, { seed: 1, step: 1, shard: 0, site: 'a', firstBlock: 0 });
    const kept = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
    expect(Math.abs(kept - 230 / 256)).toBeLessThan(5 * Math.sqrt((0.9 * 0.1) / bytes.length));
  });

  it.each([1, 3, 4, 5])('add rows of width %i in order', (width) => {
    const table = scratch(Float32Array, 0, 7 * width) as Float32Array;
    const rows = scratch(Float32Array, 1024, 6 * width) as Float32Array;
    const ids = scratch(Int32Array, 2048, 6) as Int32Array;
    table.fill(0.5);
    rows.forEach((_, i) => {
      rows[i] = Math.fround(1e7 / (i + 1));
    });
    ids.set([6, 2, 2, 0, 2, 6]);
    const expected = table.slice();
    for (let r = 0; r < 6; r++) {
      for (let c = 0; c < width; c++) {
        const at = ids[r] * width + c;
        expected[at] = Math.fround(expected[at] + rows[r * width + c]);
      }
    }
    space.kernels.addRows(table.byteOffset, rows.byteOffset, ids.byteOffset, 6, width);
    expect(table).toEqual(expected);
    space.kernels.addRows(table.byteOffset, rows.byteOffset, ids.byteOffset, 0, width);
    expect(table).toEqual(expected);
  });
});
