import type { Activity } from '../ipc.js';
import { seconds } from './ledger.js';

/** No trainer is given up before it was silent, or at one step, for so long. */
const leastMs = 3000;
/** Before there is a history, for what is long and rare. */
const unknownMs = 600_000;
/** For a micro-batch of the first step, whose memory is still to be got from the system. */
const firstMs = 60_000;
/** A big corpus is read and its vocabulary learnt without a pause. */
const preparingMs = 1_800_000;
/** Of what is long and rare, once it was seen; and of the steps after the first one. */
const leastOfRareMs = 30_000;
/** Steps that must be known before the deadline is taken from them, and how many of the newest count. */
const enough = 3;
const remembered = 50;
/** Of how many newest steps of a generation the usual time is told. */
const paced = 9;

/** A trainer that hangs, and for how long. */
export interface Overdue {
  cause: string;
  silentMs: number;
}

/**
 * Tells a trainer that hangs from one that is slow or waits for others, from nothing but what it says it is doing (`pulse`, at every change and
 * twice a second). While it computes, its event loop is blocked and what counts is the age of that step's computation (of the first one, which no
 * time is known of: of its micro-batch); while it waits (for other ranks above all) its loop is free, and what counts is its silence. How long either may last is learnt from its own history.
 * Times are milliseconds of any clock that only goes forward.
 */
export class StepDeadline {
  private activity: Activity = 'preparing';
  /** Since when the activity lasts, and when the trainer was last heard. */
  private since: number;
  private heardAt: number;
  private readonly computed: number[] = [];
  /** The same of the present generation: its ranks may hold other shards than those before. */
  private newest: number[] = [];
  private readonly longestSilence = new Map<Activity, number>();

  constructor(now: number) {
    this.since = now;
    this.heardAt = now;
  }

  heard(activity: Activity, now: number): void {
    const silent = now - this.heardAt;
    this.longestSilence.set(this.activity, Math.max(silent, this.longestSilence.get(this.activity) ?? 0));
    this.heardAt = now;
    if (activity === this.activity) return;
    if (this.activity === 'computing' && activity === 'exchanging') {
      this.computed.push(now - this.since);
      if (this.computed.length > remembered) this.computed.shift();
      this.newest.push(now - this.since);
      if (this.newest.length > paced) this.newest.shift();
    }
    this.activity = activity;
    this.since = now;
  }

  /** Whoever listens was away himself: what he did not hear in that time does not count. */
  listenAnew(now: number): void {
    this.since = now;
    this.heardAt = now;
  }

  /** Another generation begins. */
  restart(): void {
    this.newest = [];
  }

  /** The usual time of a step's computation, without the exchange (ms); undefined before there are enough. */
  get paceMs(): number | undefined {
    const sorted = this.newest.length < paced ? [] : [...this.newest].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }

  /** null while there is no reason to give the trainer up. */
  overdue(now: number): Overdue | null {
    const computing = this.activity === 'computing';
    const silentMs = now - (computing && this.computed.length > 0 ? this.since : this.heardAt);
    if (silentMs <= this.limitMs()) return null;
    const stepUnderWay = computing || this.activity === 'exchanging';
    const cause = stepUnderWay
      ? `no step for ${seconds(silentMs)}`
      : `no sign of life for ${seconds(silentMs)} while ${this.activity}`;
    return { cause, silentMs };
  }

  private limitMs(): number {
    switch (this.activity) {
      case 'computing':
        if (this.computed.length === 0) return firstMs;
        return this.computed.length < enough ? Math.max(leastOfRareMs, this.stepMs()) : this.stepMs();
      case 'exchanging':
      case 'waiting':
        return this.computed.length < enough ? 2 * leastMs : this.stepMs();
      case 'preparing':
        return preparingMs;
      default: {
        const longest = this.longestSilence.get(this.activity);
        return longest === undefined ? unknownMs : Math.max(leastOfRareMs, 10 * longest);
      }
    }
  }

  /** Ten times the median; where steps are of several sizes (buckets of lengths), three times the longest. */
  private stepMs(): number {
    const sorted = [...this.computed].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    return Math.max(leastMs, 10 * median, 3 * sorted[sorted.length - 1]);
  }
}
