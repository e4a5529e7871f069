import { describe, expect, it } from '@jest/globals';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './index.js';

const tensors = new Map<string, StoredTensor>([
  ['b.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 4, 5, 1e-38) }],
  ['a.bias', { shape: [1], data: Float32Array.of(-0) }],
  ['scalar', { shape: [], data: Float32Array.of(7) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
]);

describe('safetensors', () => {
  it('round-trips, in order, bit by bit', () => {
    const read = decodeSafetensors(encodeSafetensors(tensors, { format: 'pt' }));
    expect([...read]).toEqual([...tensors]);
    expect(Object.is(read.get('a.bias')?.data[0], -0)).toBe(true);
  });

  it('is the published layout', () => {
    const file = encodeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]), { format: 'pt' });
    const length = Number(file.readBigUInt64LE());
    const header = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(file.subarray(8, 8 + length).toString()).toBe(header.padEnd(Math.ceil(header.length / 8) * 8));
    expect(length % 8).toBe(0);
    expect(file.subarray(8 + length).toString('hex')).toBe('0000803f00000040');
  });

  it('gives the same bytes for the same tensors, and reads from any alignment', () => {
    const file = encodeSafetensors(tensors);
    expect(encodeSafetensors(new Map(tensors)).equals(file)).toBe(true);
    const shifted = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    expect([...decodeSafetensors(shifted)]).toEqual([...tensors]);
  });

  it('writes a part of a larger array', () => {
    const flat = Float32Array.of(0, 1, 2, 3);
    const read = decodeSafetensors(encodeSafetensors(new Map([['w', { shape: [2], data: flat.subarray(1, 3) }]])));
    expect(read.get('w')?.data).toEqual(Float32Array.of(1, 2));
  });

  it('refuses a tensor whose shape does not match its data', () => {
    expect(() => encodeSafetensors(new Map([['w', { shape: [3], data: new Float32Array(2) }]]))).toThrow(
      /w of shape \[3\]/,
    );
  });

  const made = (header: string, data = Buffer.alloc(0)) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return Buffer.concat([length, Buffer.from(header), data]);
  };
  it.each([
    ['a file cut in its length', Buffer.alloc(5), /only 5 bytes/],
    ['a file cut in its header', encodeSafetensors(tensors).subarray(0, 40), /header would have/],
    ['a file cut in its data', encodeSafetensors(tensors).subarray(0, -1), /cannot be bytes/],
    [
      'a file with something behind',
      Buffer.concat([encodeSafetensors(tensors), Buffer.alloc(4)]),
      /4 bytes belong to no tensor/,
    ],
    ['a header that is not JSON', made('{"w":'), /not JSON/],
    ['another type', made('{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', Buffer.alloc(8)), /w is I64/],
    ['a place before the data', made('{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}'), /cannot be bytes/],
    ['no shape', made('{"w":{"dtype":"F32"}}'), /no shape/],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(message);
    expect(() => decodeSafetensors(file)).toThrow(expect.objectContaining({ code: 'invalid-file' }));
  });
});
