import net from 'node:net';
import { AppError } from '@regatta/contracts';
import { RespReader, type RespReply } from './resp-reader.js';
import { parseRedisUrl, type RedisAddress } from './url.js';

/** One bulk string of a request: text, a number, bytes, or several byte views that are sent as one, without a copy. */
export type RespArgument = string | number | Uint8Array | Uint8Array[];

interface Pending {
  resolve(reply: RespReply): void;
  reject(error: Error): void;
  /** Views that a bulk reply of just their length is read into, one after another. */
  into?: Uint8Array[];
}

/**
 * A connection to a Redis server for bulk data: requests are written as views, replies are read straight into their place by the kernel, and nothing else.
 * Requests may be made before the earlier ones are answered. It does not connect again: a lost connection rejects everything.
 * (ioredis copies each value several times: 92–99 ms where this takes 40–48, for 44 MB between two ranks. It does everything else.)
 */
export class RespConnection {
  private readonly pending: Pending[] = [];
  private readonly reader: RespReader;
  private readonly socket: net.Socket;
  private readonly buffer = Buffer.allocUnsafeSlow(2048);
  private failure: Error | null = null;
  /** What is to be written at the end of this turn: whole buffers, then text, a character a byte. */
  private views: Uint8Array[] = [];
  private text = '';
  private readonly fail: (error: AppError) => void;

  /** Connects and signs in. Throws 'connection-lost', or 'invalid' for an address that cannot be used. `onLost` is called at most once. */
  static async open(url: string, onLost: (error: AppError) => void = () => {}): Promise<RespConnection> {
    const address = parseRedisUrl(url);
    const connection = await new Promise<RespConnection>((resolve, reject) => {
      const opened: RespConnection = new RespConnection(
        address,
        () => resolve(opened),
        (error) => {
          reject(error);
          onLost(error);
        },
      );
    });
    try {
      await connection.signIn(address);
    } catch (error) {
      connection.destroy(error as Error);
      throw error;
    }
    return connection;
  }

  private constructor(address: RedisAddress, onConnect: () => void, onLost: (error: AppError) => void) {
    this.reader = new RespReader(
      () => this.pending[0]?.into,
      (reply) => this.answer(reply),
    );
    const target = address.path === undefined ? { host: address.host, port: address.port } : { path: address.path };
    this.socket = net.connect({
      ...target,
      noDelay: true,
      onread: {
        buffer: () => this.reading(),
        callback: (length, buffer) => {
          if (buffer === this.buffer) {
            this.reader.read(this.buffer, length);
          } else {
            this.reader.filled(length);
          }
          return true;
        },
      },
    });
    this.fail = (error) => {
      if (!this.failure) {
        this.destroy(error);
        onLost(error);
      }
    };
    const lose = (cause?: Error): void =>
      this.fail(
        new AppError('connection-lost', `lost the connection to Redis at ${address.name}`, {
          next: 'See whether the server runs and has memory; the run goes on from its newest checkpoint.',
          retryable: true,
          cause,
        }),
      );
    this.socket.on('connect', onConnect);
    this.socket.on('error', lose);
    this.socket.on('close', () => lose());
  }

  /**
   * Sends one command. A bulk reply exactly as long as the views of `into` is read into them, and `into` itself is the answer; any other bulk
   * reply is a new Uint8Array. The bytes given must not change before the answer. Rejects with the server's error or the connection's.
   */
  call(args: RespArgument[], into?: Uint8Array[]): Promise<RespReply> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
      } else {
        this.write(args);
        this.pending.push({ resolve, reject, into });
      }
    });
  }

  /** Sends one command whose answer nobody needs. Should it be an error, the connection is given up with it. */
  tell(args: RespArgument[]): void {
    if (!this.failure) {
      this.write(args);
      this.pending.push({ resolve: ignore, reject: (error) => this.fail(error as AppError) });
    }
  }

  /** Breaks the connection as a bad network does: `onLost` hears of it. */
  drop(): void {
    this.socket.destroy();
  }

  /** Closes at once; whatever waits for an answer is rejected with `error`. */
  destroy(error: Error): void {
    if (this.failure) {
      return;
    }
    this.failure = error;
    this.socket.destroy();
    for (const { reject } of this.pending.splice(0)) {
      reject(error);
    }
  }

  /**
   * Where the kernel is to write what comes next: what is in the middle of a long bulk string straight into its place. The buffer for all else is
   * small, so that it does not swallow the start of one.
   */
  private reading(): Uint8Array {
    const place = this.reader.place();
    return place && place.length > this.buffer.length ? place : this.buffer;
  }

  /** All requests of one turn of the event loop are written at once, as few buffers: a system call for each notice would cost more than the notice. */
  private write(args: RespArgument[]): void {
    if (this.text === '' && this.views.length === 0) {
      process.nextTick(() => this.flush());
    }
    this.text += `*${args.length}\r\n`;
    for (const argument of args) {
      if (typeof argument === 'string' || typeof argument === 'number') {
        const value = latin1(String(argument));
        this.text += `$${value.length}\r\n${value}\r\n`;
      } else {
        this.writeViews(Array.isArray(argument) ? argument : [argument]);
      }
    }
  }

  private writeViews(views: Uint8Array[]): void {
    let length = 0;
    for (const view of views) {
      length += view.byteLength;
    }
    this.text += `$${length}\r\n`;
    for (const view of views) {
      if (view.byteLength < copiedBelow) {
        this.text += Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('latin1');
      } else {
        this.views.push(Buffer.from(this.text, 'latin1'), view);
        this.text = '';
      }
    }
    this.text += '\r\n';
  }

  private flush(): void {
    const { views, text } = this;
    this.views = [];
    this.text = '';
    if (this.failure) {
      return;
    }
    this.socket.cork();
    for (const view of views) {
      this.socket.write(view);
    }
    this.socket.write(Buffer.from(text, 'latin1'));
    this.socket.uncork();
  }

  private async signIn({ username, password, database }: RedisAddress): Promise<void> {
    if (password !== undefined) {
      await this.call(username === undefined ? ['AUTH', password] : ['AUTH', username, password]);
    }
    if (database !== 0) {
      await this.call(['SELECT', database]);
    }
  }

  private answer(reply: RespReply | Error): void {
    const request = this.pending.shift();
    if (reply instanceof Error) {
      request?.reject(reply);
    } else {
      request?.resolve(reply);
    }
  }
}

/** Views below this many bytes go with the text. */
const copiedBelow = 1024;

/** A character a byte of the UTF-8. */
const latin1 = (text: string): string => (/[^\0-\x7f]/.test(text) ? Buffer.from(text).toString('latin1') : text);

const ignore = (): void => {};
