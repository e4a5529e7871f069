import { createHash } from 'node:crypto';

/** What a message is about. Subtree and chunk say where it belongs, length how much there is of it. */
export interface MessageHeader {
  generation: number;
  step: number;
  chunk: number;
  first: number;
  count: number;
  /** Of the contents, in bytes. */
  length: number;
}

/** Bytes before the contents of every message. */
export const headerBytes = 40;
const magic = 0x31544752; // "RGT1"

/** Makes and checks the headers of one run: 10 little-endian words: magic, hash of the run's id (2), generation, step, chunk, first, count, length, 0. */
export class MessageCodec {
  private readonly run: DataView;

  constructor(runId: string) {
    const hash = createHash('sha256').update(runId).digest();
    this.run = new DataView(hash.buffer, hash.byteOffset, 8);
  }

  encode(header: MessageHeader): Uint8Array {
    const bytes = new Uint8Array(headerBytes);
    const view = new DataView(bytes.buffer);
    const { generation, step, chunk, first, count, length } = header;
    const words = [magic, this.run.getUint32(0), this.run.getUint32(4), generation, step, chunk, first, count, length];
    words.forEach((word, index) => {
      view.setUint32(index * 4, word, true);
    });
    return bytes;
  }

  matches(bytes: Uint8Array, expected: MessageHeader): boolean {
    return Buffer.compare(bytes, this.encode(expected)) === 0;
  }
}
