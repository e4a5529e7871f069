import { AppError } from '@regatta/contracts';

/** A bulk string is bytes; one that was read into the views of its request is those views; null is "not there" or "timed out". */
export type RespReply = string | number | null | Uint8Array | Uint8Array[] | RespReply[];

const lineFeed = 10;

/** Reads the replies of one connection (RESP 2, https://redis.io/docs/latest/develop/reference/protocol-spec/) as their bytes come in. */
export class RespReader {
  /** The start of a line whose end has not come yet. */
  private line = '';
  /** Bytes to leave out: the line end behind a bulk string. */
  private skip = 0;
  private bulk: { views: Uint8Array[]; view: number; offset: number; value: RespReply } | null = null;
  private readonly arrays: { length: number; items: RespReply[] }[] = [];

  /** `into`: the views given with the request that is being answered; `answer` gets each whole reply, in order. */
  constructor(
    private readonly into: () => Uint8Array[] | undefined,
    private readonly answer: (reply: RespReply | Error) => void,
  ) {}

  /** The next `length` bytes of the stream, at the start of `buffer`; none of it is kept. */
  read(buffer: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      if (this.skip > 0) {
        const bytes = Math.min(this.skip, length - at);
        this.skip -= bytes;
        at += bytes;
      } else if (this.bulk) {
        at += this.fill(buffer.subarray(at, length));
      } else {
        at = this.readLine(buffer, at, length);
      }
    }
  }

  /** Where the next bytes of the stream belong, if that is a place in a bulk string: they may be put there, and `filled` says how many were. */
  place(): Uint8Array | null {
    if (!this.bulk || this.skip > 0) {
      return null;
    }
    const { views, view, offset } = this.bulk;
    return views[view].subarray(offset);
  }

  /** The next `length` bytes of the stream are in their `place`. */
  filled(length: number): void {
    const bulk = this.bulk as NonNullable<typeof this.bulk>;
    bulk.offset += length;
    if (bulk.offset === bulk.views[bulk.view].length) {
      bulk.view += 1;
      bulk.offset = 0;
    }
    if (bulk.view === bulk.views.length) {
      this.bulk = null;
      this.skip = 2;
      this.value(bulk.value);
    }
  }

  /** Copies what belongs to the bulk string into its place. Returns how many bytes that was. */
  private fill(bytes: Uint8Array): number {
    const place = this.place() as Uint8Array;
    const taken = Math.min(place.length, bytes.length);
    place.set(bytes.subarray(0, taken));
    this.filled(taken);
    return taken;
  }

  /** Returns where to go on. */
  private readLine(buffer: Buffer, at: number, length: number): number {
    let end = at;
    while (end < length && buffer[end] !== lineFeed) {
      end += 1;
    }
    this.line += buffer.toString('latin1', at, end);
    if (end === length) {
      return length;
    }
    const line = this.line.trimEnd();
    this.line = '';
    this.reply(line[0], line.slice(1));
    return end + 1;
  }

  private reply(type: string, rest: string): void {
    if (type === '$') {
      this.startBulk(Number(rest));
    } else if (type === '*') {
      this.startArray(Number(rest));
    } else if (type === '+') {
      this.value(rest);
    } else if (type === ':') {
      this.value(Number(rest));
    } else {
      const what = type === '-' ? `Redis refused a command: ${rest}` : `Redis sent what is not RESP 2: ${type}${rest}`;
      this.arrays.length = 0;
      this.answer(
        new AppError('unavailable', what, { next: 'See the log and the memory limit of the server.', retryable: true }),
      );
    }
  }

  private startBulk(length: number): void {
    if (length < 0) {
      this.value(null);
      return;
    }
    const into = this.into();
    if (into && into.reduce((sum, view) => sum + view.length, 0) === length) {
      this.bulk = { views: into, view: 0, offset: 0, value: into };
      return;
    }
    const bytes = new Uint8Array(length);
    if (length === 0) {
      this.skip = 2;
      this.value(bytes);
      return;
    }
    this.bulk = { views: [bytes], view: 0, offset: 0, value: bytes };
  }

  private startArray(length: number): void {
    if (length <= 0) {
      this.value(length < 0 ? null : []);
      return;
    }
    this.arrays.push({ length, items: [] });
  }

  private value(reply: RespReply): void {
    let whole = reply;
    for (let array = this.arrays.at(-1); array; array = this.arrays.at(-1)) {
      array.items.push(whole);
      if (array.items.length < array.length) {
        return;
      }
      this.arrays.pop();
      whole = array.items;
    }
    this.answer(whole);
  }
}
