import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeSafetensors } from './safetensors.js';
import { SafetensorsFile } from './safetensors-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-safetensors-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(header: unknown, data: Uint8Array): Promise<string> {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const place = path.join(folder, 'model.safetensors');
  await writeFile(place, Buffer.concat([length, text, data]));
  return place;
}

describe('SafetensorsFile', () => {
  it('reads what encodeSafetensors wrote', async () => {
    const tensors = new Map([
      ['a', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 1e-40, 5, 6) }],
      ['b', { shape: [], data: Float32Array.of(7) }],
    ]);
    const place = path.join(folder, 'x');
    await writeFile(place, encodeSafetensors(tensors, { format: 'pt' }));
    const opened = await SafetensorsFile.open(place);
    for (const [name, tensor] of tensors) expect(await opened.read(name)).toEqual(tensor);
    await opened.close();
  });

  it('widens halves, brain floats and narrows doubles, as torch does', async () => {
    // torch.tensor([1/3, -65504, 6e-8, inf]).half() and [1/3, -3e38].bfloat16(), read as uint16
    const halves = Uint16Array.of(0x3555, 0xfbff, 0x0001, 0x7c00);
    const brain = Uint16Array.of(0x3eab, 0xff62);
    const doubles = Float64Array.of(1 / 3);
    const bytes = Buffer.concat([halves, brain, doubles].map((part) => Buffer.from(part.buffer)));
    const header = {
      f16: { dtype: 'F16', shape: [4], data_offsets: [0, 8] },
      bf16: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
      f64: { dtype: 'F64', shape: [1], data_offsets: [12, 20] },
    };
    const opened = await SafetensorsFile.open(await file(header, bytes));
    expect([...(await opened.read('f16')).data]).toEqual([0.333251953125, -65504, 2 ** -24, Number.POSITIVE_INFINITY]);
    expect([...(await opened.read('bf16')).data]).toEqual([0.333984375, -3.0040553137573e38].map(Math.fround));
    expect([...(await opened.read('f64')).data]).toEqual([Math.fround(1 / 3)]);
    await opened.close();
  });

  it.each<[string, unknown, number]>([
    ['header is not JSON', '{"a"', 0],
    ['no shape or no place', { a: { dtype: 'F32' } }, 4],
    ['cannot be bytes 0 to 8 of 4', { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 4],
    ['cannot be bytes 0 to 4 of 4', { a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4],
  ])('refuses a file that is broken: %s', async (message, header, bytes) => {
    await expect(SafetensorsFile.open(await file(header, Buffer.alloc(bytes)))).rejects.toThrow(message);
  });

  it('refuses a file that ends in its header, and numbers that are no floats', async () => {
    const short = path.join(folder, 'short');
    await writeFile(short, Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 0x7b]));
    await expect(SafetensorsFile.open(short)).rejects.toThrow('its header would have 200 bytes of 9');
    const header = { ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } };
    const opened = await SafetensorsFile.open(await file(header, Buffer.alloc(8)));
    await expect(opened.read('ids')).rejects.toThrow('tensor ids is I64');
    await opened.close();
  });
});
