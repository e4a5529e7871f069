import { AppError } from '@regatta/contracts';
import type { ExchangeFaults } from './exchange-faults.js';
import { headerBytes, type MessageCodec, type MessageHeader } from './message.js';
import { RespConnection } from './resp-connection.js';

/** Seconds after which what nobody removed is gone: long enough for a rank that was away to read the newest sums. */
export const gradientTtlSeconds = 300;

/** One gradient server, as a rank uses it: messages under keys of their own, and lists of notices that tell a rank what lies ready. */
export class GradientServer {
  /** Bytes of whole messages (header and contents). */
  bytesSent = 0;
  bytesReceived = 0;
  /** Messages that were read and can go. */
  private readonly read: string[] = [];

  /** Three connections: a reader never waits behind its own writes, nor behind a command that blocks. */
  private constructor(
    private readonly writer: RespConnection,
    private readonly reader: RespConnection,
    private readonly listener: RespConnection,
    private readonly codec: MessageCodec,
    private readonly faults: ExchangeFaults | undefined,
  ) {}

  /** `faults`: what goes wrong here on purpose. */
  static async open(
    url: string,
    codec: MessageCodec,
    onLost: (error: AppError) => void,
    faults?: ExchangeFaults,
  ): Promise<GradientServer> {
    const opened = await Promise.allSettled([1, 2, 3].map(() => RespConnection.open(url, onLost)));
    const failed = opened.find((result) => result.status === 'rejected');
    const connections = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (failed) {
      for (const connection of connections) {
        connection.destroy(failed.reason as Error);
      }
      throw failed.reason;
    }
    const [writer, reader, listener] = connections;
    faults?.watch(writer);
    return new GradientServer(writer, reader, listener, codec, faults);
  }

  /** Stores a message and tells each of `inboxes`. Resolves when the server has it; until then `contents` must not change. */
  async send(
    key: string,
    header: MessageHeader,
    contents: Uint8Array,
    inboxes: { list: string; notice: string }[],
  ): Promise<void> {
    this.bytesSent += headerBytes + contents.byteLength;
    const message = [this.codec.encode(header, contents), this.faults?.sent(contents) ?? contents];
    const stored = this.writer.call(['SET', key, message, 'EX', gradientTtlSeconds]);
    for (const { list, notice } of inboxes) {
      this.writer.tell(['RPUSH', list, notice]);
      // Emptied lists vanish; this is for those that a rank which is gone never reads.
      this.writer.tell(['EXPIRE', list, gradientTtlSeconds]);
    }
    await stored;
  }

  /** Waits for notices at one list: at least one, in order. */
  async listen(list: string): Promise<string[]> {
    for (;;) {
      // Ends after a second, so that a server that has forgotten the blocked client is noticed. Ends of the generation come by the control server.
      const reply = await this.listener.call(['BLMPOP', 1, 1, list, 'LEFT', 'COUNT', 64]);
      if (reply !== null) {
        const [, notices] = reply as [Uint8Array, Uint8Array[]];
        return notices.map((notice) => Buffer.from(notice).toString());
      }
    }
  }

  /**
   * Reads a message straight into `contents`. One that is not there, or whose header or checksum is not the expected one, is fetched once more;
   * then throws 'internal', retryable, and the contents count for nothing.
   */
  async fetch(key: string, header: MessageHeader, contents: Uint8Array): Promise<void> {
    const into = [new Uint8Array(headerBytes), contents];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const reply = await this.reader.call(['GET', key], into);
      this.bytesReceived += headerBytes + contents.byteLength;
      if (reply === into && this.codec.matches(into[0], header, contents)) {
        return;
      }
    }
    throw new AppError('internal', `the message at ${key} is missing or is not what its key says`, {
      next: 'The step is computed again. If this comes back, see the memory limit and the eviction policy (noeviction) of the gradient server.',
      retryable: true,
    });
  }

  /** Reads a message of unknown length, once. Throws as `fetch` does. */
  async fetchAny(key: string, header: MessageHeader): Promise<Uint8Array> {
    const reply = await this.reader.call(['GET', key]);
    if (reply instanceof Uint8Array && reply.length >= headerBytes) {
      const contents = reply.subarray(headerBytes);
      if (this.codec.matches(reply.subarray(0, headerBytes), header, contents)) {
        return contents;
      }
    }
    throw new AppError('internal', `the message at ${key} is missing or is not what its key says`, { retryable: true });
  }

  async remove(messages: string[]): Promise<void> {
    if (messages.length > 0) {
      await this.reader.call(['UNLINK', ...messages]);
    }
  }

  /** Removes a message that was read, together with others: now if there are enough of them, else at the latest with `removeRest`. */
  async removeSoon(message: string): Promise<void> {
    this.read.push(message);
    if (this.read.length === 16) {
      await this.removeRest();
    }
  }

  async removeRest(): Promise<void> {
    await this.remove(this.read.splice(0));
  }

  /** Whatever is under way is rejected with `error`. */
  destroy(error: Error): void {
    this.faults?.forget(this.writer);
    for (const connection of [this.writer, this.reader, this.listener]) {
      connection.destroy(error);
    }
  }
}
