import type { Activity } from '../ipc.js';
import { seconds } from './ledger.js';
import type { ProcessorTime } from './processor-account.js';

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
/** One that is silent and neither ran nor waited for a processor for so long stands still, whatever it does. */
const idleMs = 30_000;
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
 * Time in which it was ready to run and others had the processors does not count.
 * Times are milliseconds of any clock that only goes forward.
 */
export class StepDeadline {
  private activity: Activity = 'preparing';
  /** Since when the activity lasts, and when the trainer was last heard. */
  private since: number;
  private heardAt: number;
  /** What it got of the processors since either. */
  private ofActivity: ProcessorTime = { ranMs: 0, waitedMs: 0 };
  private ofSilence: ProcessorTime = { ranMs: 0, waitedMs: 0 };
  /** Whether the system tells that. */
  private accounted = false;
  private readonly computed: number[] = [];
  /** The same of the present generation: its ranks may hold other shards than those before. */
  private newest: number[] = [];
  /** Of activities that were seen to their end, and of the present one. */
  private readonly longestSilence = new Map<Activity, number>();
  private longestOfThis = 0;

  constructor(now: number) {
    this.since = now;
    this.heardAt = now;
  }

  heard(activity: Activity, now: number): void {
    this.longestOfThis = Math.max(this.longestOfThis, now - this.heardAt);
    this.heardAt = now;
    this.ofSilence = { ranMs: 0, waitedMs: 0 };
    if (activity === this.activity) return;
    this.longestSilence.set(this.activity, Math.max(this.longestOfThis, this.longestSilence.get(this.activity) ?? 0));
    this.longestOfThis = 0;
    if (this.activity === 'computing' && activity === 'exchanging') {
      this.computed.push(now - this.since);
      if (this.computed.length > remembered) this.computed.shift();
      this.newest.push(now - this.since);
      if (this.newest.length > paced) this.newest.shift();
    }
    this.activity = activity;
    this.since = now;
    this.ofActivity = { ranMs: 0, waitedMs: 0 };
  }

  /** What the trainer got of the processors since this was last told, no more than that time; null: the system does not say. */
  got(time: ProcessorTime | null): void {
    this.accounted = time !== null;
    for (const sum of [this.ofActivity, this.ofSilence]) {
      sum.ranMs += time?.ranMs ?? 0;
      sum.waitedMs += time?.waitedMs ?? 0;
    }
  }

  /** Whoever listens was away himself: what he did not hear in that time does not count. */
  listenAnew(now: number): void {
    this.since = now;
    this.heardAt = now;
    this.ofActivity = { ranMs: 0, waitedMs: 0 };
    this.ofSilence = { ranMs: 0, waitedMs: 0 };
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
    const ofStep = computing && this.computed.length > 0;
    const silentMs = now - (ofStep ? this.since : this.heardAt);
    const idle = now - this.heardAt - this.ofSilence.waitedMs - this.ofSilence.ranMs;
    const counts = silentMs - (ofStep ? this.ofActivity : this.ofSilence).waitedMs;
    if (counts <= this.limitMs() && !(this.accounted && idle > idleMs)) return null;
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
