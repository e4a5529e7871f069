import type { Membership } from '@regatta/collective';
import { isFinished, keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { readState } from './run-state.js';

const periodMs = 1000;

/** What is wanted of a rank at the moment. */
export interface Orders {
  /** Why its generation has ended; null: it has not. */
  ended: string | null;
  /** For rank 0: stop after the step under way, with a checkpoint. The other ranks then wait for a step that never comes, and are ended. */
  stop: 'cancel' | 'pause' | null;
}

/** Reads what is wanted of the ranks of a generation. */
export async function readOrders(
  redis: Redis,
  membership: Membership,
  runId: string,
  generation: number,
): Promise<Orders> {
  const [group, desired, yielding] = await Promise.all([
    membership.group(runId),
    redis.hget(keys.desired(runId), 'state'),
    redis.hget(keys.state(runId), 'yielding'),
  ]);
  const halts = desired === 'paused' || (yielding !== null && yielding !== 'null');
  const stop = desired === 'cancelled' ? 'cancel' : halts ? 'pause' : null;
  if (group === null) {
    return { ended: 'the run is over', stop };
  }
  const current = group.generation === generation && group.phase !== 'closed';
  return { ended: current ? null : group.reason, stop };
}

/**
 * What a member whose generation has ended may do: claim a place in the generation that is open now (its number), wait for one (null), or go
 * ('over': the run has ended, waits in the queue, has let the worker go, or has gone on without it).
 */
export async function readNext(
  redis: Redis,
  membership: Membership,
  runId: string,
  { generation, workerId }: { generation: number; workerId: string },
): Promise<number | null | 'over'> {
  const [group, desired, known] = await Promise.all([
    membership.group(runId),
    redis.hget(keys.desired(runId), 'state'),
    readState(redis, runId),
  ]);
  const status = known?.state.status;
  if (
    !group ||
    !status ||
    desired === 'cancelled' ||
    isFinished(status) ||
    status === 'queued' ||
    status === 'paused'
  ) {
    return 'over';
  }
  const { released } = known.state;
  if (released.generation > generation && released.workerIds.includes(workerId)) {
    return 'over';
  }
  if (group.generation <= generation || group.phase === 'closed') {
    return null;
  }
  return group.phase === 'open' ? group.generation : 'over';
}

/** Calls `look` whenever something about the run changes, and every second, one call at a time. Returns the function that ends it. */
export function watchOrders(redis: Redis, runId: string, look: () => Promise<void>): () => void {
  let looking = false;
  let again = false;
  const wake = async (): Promise<void> => {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    try {
      do {
        again = false;
        await look();
      } while (again);
    } finally {
      looking = false;
    }
  };
  // Subscriber mode takes a connection of its own; what it misses while it connects again is found by the look every second.
  const subscriber = redis.duplicate();
  subscriber.on('error', () => undefined);
  subscriber.on('message', () => void wake());
  void subscriber.subscribe(keys.orders(runId), keys.groupEvents(runId)).catch(() => undefined);
  const timer = setInterval(() => void wake(), periodMs);
  return () => {
    clearInterval(timer);
    subscriber.disconnect();
  };
}
