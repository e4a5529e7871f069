import type { RunChange } from '../persister/run-changes.js';

/** Why a reader looks: a change, or only that time has passed. */
export type Reason = RunChange | 'time';

/** Waits for a change, and misses none that comes while its owner is busy. */
export class News {
  private pending?: RunChange;
  private wake?: () => void;
  private readonly unsubscribe: () => void;

  constructor(subscribe: (listener: (change: RunChange) => void) => () => void) {
    this.unsubscribe = subscribe((change) => {
      if (this.pending !== 'any') this.pending = change;
      this.wake?.();
    });
  }

  /** Waits for a change or for the next full tick of the clock: at that, all readers look at once, so that one question can be for all of them. */
  async next(tickMs: number, gone: AbortSignal): Promise<Reason> {
    if (!this.pending && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, tickMs - (Date.now() % tickMs));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
        gone.addEventListener('abort', this.wake, { once: true });
      });
      if (this.wake) gone.removeEventListener('abort', this.wake);
      this.wake = undefined;
    }
    const reason = this.pending ?? 'time';
    this.pending = undefined;
    return reason;
  }

  close(): void {
    this.unsubscribe();
  }
}
