import type { StreamEntry } from '@regatta/contracts';

/**
 * Entries on their way to the stream, in order. The agent acknowledges what stands there; when too many are under way the trainer waits,
 * which bounds the memory of both while Redis is away.
 */
export class EntryQueue {
  private sent = 0;
  private acknowledged = 0;
  private readonly waiting: { until: number; resolve: () => void }[] = [];

  constructor(
    private readonly send: (seq: number, entry: StreamEntry) => void,
    private readonly mostUnderWay: number,
  ) {}

  /** Sends an entry; resolves when there is room for another. */
  async push(entry: StreamEntry): Promise<void> {
    this.sent += 1;
    this.send(this.sent, entry);
    await this.reached(this.sent - this.mostUnderWay + 1);
  }

  /** Entry `seq`, and all before it, stand in the stream. */
  acknowledge(seq: number): void {
    this.acknowledged = Math.max(this.acknowledged, seq);
    while (this.waiting.length > 0 && this.waiting[0].until <= this.acknowledged) this.waiting.shift()?.resolve();
  }

  /** Resolves when everything that was pushed stands in the stream. */
  flush(): Promise<void> {
    return this.reached(this.sent);
  }

  private reached(until: number): Promise<void> {
    if (until <= this.acknowledged) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ until, resolve });
      this.waiting.sort((a, b) => a.until - b.until);
    });
  }
}
