import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RespReader, type RespReply } from './resp-reader.js';

/**
 * Reads a stream in pieces of these sizes, as a socket would bring it: through one buffer that is used again, or, where the reader names one,
 * straight into the place.
 */
function read(
  stream: Buffer,
  sizes: number[],
  into: (Uint8Array[] | undefined)[],
  direct = false,
): (RespReply | Error)[] {
  const replies: (RespReply | Error)[] = [];
  const reader = new RespReader(
    () => into[replies.length],
    (reply) => replies.push(reply),
  );
  const buffer = Buffer.alloc(64);
  for (let at = 0, i = 0; at < stream.length; i += 1) {
    const place = direct && i % 2 === 0 ? reader.place() : null;
    const piece = stream.subarray(at, at + Math.min(sizes[i % sizes.length], place?.length ?? 64));
    if (place) {
      place.set(piece);
      reader.filled(piece.length);
      at += piece.length;
      continue;
    }
    buffer.fill(0x0a);
    piece.copy(buffer);
    reader.read(buffer, piece.length);
    at += piece.length;
  }
  return replies;
}

const text = (reply: RespReply | Error): unknown =>
  reply instanceof Uint8Array ? Buffer.from(reply).toString() : Array.isArray(reply) ? reply.map(text) : reply;

describe('RespReader', () => {
  const stream = Buffer.from(
    '+OK\r\n:42\r\n$-1\r\n*-1\r\n$0\r\n\r\n$6\r\nab\r\ncd\r\n*2\r\n$3\r\nkey\r\n*2\r\n$1\r\nx\r\n$2\r\nyz\r\n*0\r\n-ERR no\r\n+END\r\n',
  );

  it('reads every kind of reply, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 9 }), (sizes) => {
        const replies = read(stream, sizes, []);
        expect(replies[8]).toBeInstanceOf(Error);
        expect(replies[8]).toMatchObject({ message: 'Redis refused a command: ERR no' });
        expect(replies.toSpliced(8, 1).map(text)).toEqual([
          'OK',
          42,
          null,
          null,
          '',
          'ab\r\ncd',
          ['key', ['x', 'yz']],
          [],
          'END',
        ]);
      }),
    );
  });

  it('reads a bulk string of the right length into the views of its request, and any other one elsewhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (sizes, direct) => {
          const memory = new Uint8Array(8).fill(0x2e);
          const into = [new Uint8Array(2), memory.subarray(1, 5)];
          const replies = read(Buffer.from('$6\r\nhhbody\r\n$5\r\nother\r\n'), sizes, [into, into], direct);
          expect(replies[0]).toBe(into);
          expect(Buffer.from(into[0]).toString()).toBe('hh');
          expect(Buffer.from(memory).toString()).toBe('.body...');
          expect(text(replies[1])).toBe('other');
        },
      ),
    );
  });
});
