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

  encode({ generation, step, chunk, first, count }: MessageHeader, contents: Uint8Array): Uint8Array {
    const view = new DataView(new ArrayBuffer(headerBytes));
    view.setUint32(0, magic, true);
    view.setUint32(4, this.run.getUint32(0), true);
    view.setUint32(8, this.run.getUint32(4), true);
    view.setUint32(12, generation, true);
    view.setUint32(16, step, true);
    view.setUint32(20, chunk, true);
    view.setUint32(24, first, true);
    view.setUint32(28, count, true);
    view.setUint32(32, contents.byteLength, true);
    view.setUint32(36, hashOf(contents), true);
    return new Uint8Array(view.buffer);
  }

  /** Whether `bytes` is the header of these contents. */
  matches(bytes: Uint8Array, expected: MessageHeader, contents: Uint8Array): boolean {
    return Buffer.compare(bytes, this.encode(expected, contents)) === 0;
  }
}
