import { Membership, placeRun } from '@regatta/collective';
import { keys, type WorkerBeat } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { Coordinator } from '../../apps/worker/src/agent/coordinator.js';
import { Observer } from '../../apps/worker/src/agent/observer.js';
import { type TransitionName, Transitions } from '../../apps/worker/src/agent/transitions.js';

/** A coordinator in the test's own process. `watch` hears of its transitions, and may throw there. */
export function coordinator(
  redis: Redis,
  watch?: (name: TransitionName, when: 'before' | 'after') => void,
): Coordinator {
  const membership = new Membership(redis);
  const world = {
    redis,
    membership,
    offers: { make: async () => void (await redis.ping()) },
    requestReconcile: async () => undefined,
    dropGradients: async () => undefined,
    nextTurn: async () => undefined,
    log: pino({ level: 'silent' }),
  };
  return new Coordinator({
    observer: new Observer(redis, () => 0),
    transitions: new Transitions(world, watch),
    newestCheckpoint: async () => ({ step: null, refused: [] }),
    place: (runId) => placeRun(redis, runId),
  });
}

/** The place that `worker-INDEX` claims. */
export const member = (index: number, memberId = `member-${index}`) => ({
  memberId,
  workerId: `worker-${index}`,
  host: 'localhost',
  fingerprint: 'kind-a',
});

/** Workers that are there as long as the test lasts: `worker-0` does the first of these, and so on. */
export async function beat(redis: Redis, doing: (WorkerBeat['status'] | Partial<WorkerBeat>)[]): Promise<void> {
  for (const [index, what] of doing.entries()) {
    const worker: WorkerBeat = {
      id: `worker-${index}`,
      host: 'localhost',
      pid: 1,
      status: 'idle',
      fingerprint: 'kind-a',
      threads: 1,
      memoryBytes: 1,
      runId: null,
      rank: null,
      generation: null,
      startedAt: new Date().toISOString(),
      beat: Date.now() + 3_600_000,
      ...(typeof what === 'string' ? { status: what } : what),
    };
    await redis.hset(keys.workers, worker.id, JSON.stringify(worker));
  }
}
