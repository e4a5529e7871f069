import { emptySeries, putPoint, type Series } from './series.js';

export interface FeedEvent {
  id: string;
  type: string;
  time: string;
  step: number;
  generation: number;
  message: string;
  data: Record<string, unknown>;
}

interface Point {
  step: number;
  value: number | null;
  time: string;
}

/** How often a page is drawn anew at most, milliseconds: a point is seen within a second, and a fast run costs no more. */
const drawEvery = 200;

/**
 * What a page knows of one run: history and what came in since, merged by (name, step) and by event id, so that the two
 * may overlap. Listeners are told at most every 200 ms.
 */
export class RunFeed {
  readonly series = new Map<string, Series>();
  private readonly ledger = new Map<string, FeedEvent>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changes = 0;
  private ordered: FeedEvent[] | undefined;

  /** Grows with every change: React's snapshot. */
  get version(): number {
    return this.changes;
  }

  /** The ledger, oldest first. */
  get events(): FeedEvent[] {
    this.ordered ??= [...this.ledger.values()].sort((a, b) => a.time.localeCompare(b.time) || compareIds(a.id, b.id));
    return this.ordered;
  }

  addPoint(name: string, point: Point): void {
    const series = this.series.get(name) ?? emptySeries();
    this.series.set(name, series);
    putPoint(series, point.step, point.value, Date.parse(point.time));
    this.changed();
  }

  addHistory(history: { name: string; points: Point[] }[]): void {
    for (const { name, points } of history) for (const point of points) this.addPoint(name, point);
  }

  addEvents(events: FeedEvent[]): void {
    for (const event of events) this.ledger.set(event.id, event);
    this.ordered = undefined;
    this.changed();
  }

  /** The newest value of a metric. */
  last(name: string): number | null | undefined {
    return this.series.get(name)?.values.at(-1);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changes++;
      for (const listener of this.listeners) listener();
    }, drawEvery);
  }
}

/** The database's sequence as decimal text, which may exceed 2^53: a longer one is later. */
const compareIds = (a: string, b: string): number => a.length - b.length || a.localeCompare(b);
