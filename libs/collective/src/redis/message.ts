import { createHash } from 'node:crypto';
import { hashOf } from '../vector/vector.js';

/** What a message is about: the chunk, summed over the logical shards [first, first + count). */
export interface MessageHeader {
  generation: number;
  step: number;
  chunk: number;
  first: number;
  count: number;
}

/** Bytes before the contents of every message. */
export const headerBytes = 40;
const magic = 0x32544752; // "RGT2"

/**
 * Makes and checks the headers of one run: 10 little-endian words: magic, hash of the run's id (2), generation, step, chunk, first, count, length
 * and a hash of the contents (docs/distributed.md has what it costs).
 */
export class MessageCodec {
  private readonly run: DataView;

  constructor(runId: string) {
    const hash = createHash('sha256').update(runId).digest();
    this.run = new DataView(hash.buffer, hash.byteOffset, 8);
  }

  encode(header: MessageHeader, contents: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(headerBytes);
    const view = new DataView(bytes.buffer);
    const { generation, step, chunk, first, count } = header;
    const words = [
      magic,
      this.run.getUint32(0),
      this.run.getUint32(4),
      generation,
      step,
      chunk,
      first,
      count,
      contents.byteLength,
      hashOf(contents),
    ];
    words.forEach((word, index) => {
      view.setUint32(index * 4, word, true);
    });
    return bytes;
  }

  /** Whether `bytes` is the header of these contents. */
  matches(bytes: Uint8Array, expected: MessageHeader, contents: Uint8Array): boolean {
    return Buffer.compare(bytes, this.encode(expected, contents)) === 0;
  }
}
