import { once } from 'node:events';
import type { Response } from 'express';

/** A server-sent event as it is written: the same for all its readers. */
export const frame = (event: string, id: bigint, data: unknown): string =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

/** Writes server-sent events at the speed at which the reader takes them. */
export class EventSink {
  /** Aborted when the reader is gone. */
  readonly gone = new AbortController();

  constructor(private readonly response: Response) {
    response.once('close', () => this.gone.abort());
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
  }

  get open(): boolean {
    return !this.gone.signal.aborted;
  }

  send(event: string, id: bigint, data: unknown): Promise<void> {
    return this.write(frame(event, id, data));
  }

  /** A comment: keeps the connection alive through proxies, and no client sees it. */
  async heartbeat(): Promise<void> {
    await this.write(': still here\n\n');
  }

  end(): void {
    this.response.end();
  }

  /** Messages as `frame` makes them. */
  async write(text: string): Promise<void> {
    if (!this.open || text === '' || this.response.write(text)) return;
    await once(this.response, 'drain', { signal: this.gone.signal }).catch(() => undefined);
  }
}
