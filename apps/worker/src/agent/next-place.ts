import { randomUUID } from 'node:crypto';
import type { Membership } from '@regatta/collective';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { readNext } from './orders.js';

interface NextPlaceParts {
  redis: Redis;
  membership: Membership;
  worker: { workerId: string; host: string; fingerprint: string };
  log: Logger;
}

/** The generation that a member comes from, and the step whose state its trainer holds (null: none). */
interface Before {
  runId: string;
  generation: number;
  step: number | null;
}

/** When it is worth looking again. `changed` is asked for before each look, so that nothing is missed between the two. */
interface Waiting {
  changed(): Promise<void>;
  /** The worker is going away, or its trainer is. */
  over(): boolean;
}

/** Claims a place in the run's next generation, once that is open. null: there is none for this worker. */
export async function claimNextPlace(
  { redis, membership, worker, log }: NextPlaceParts,
  { runId, generation, step }: Before,
  waiting: Waiting,
): Promise<{ generation: number; memberId: string } | null> {
  while (!waiting.over()) {
    const changed = waiting.changed();
    const next = await readNext(redis, membership, runId, { generation, workerId: worker.workerId });
    if (next === 'over') return null;
    if (next !== null) {
      const memberId = randomUUID();
      const claim = await membership.claim(runId, next, { memberId, ...worker, ...(step !== null && { step }) });
      if (claim.accepted) return { generation: next, memberId };
      log.info({ generation: next, reason: claim.reason, detail: claim.detail }, 'no place in the next generation');
      if (claim.reason !== 'closed' && claim.reason !== 'generation-ended') return null;
    }
    await changed;
  }
  return null;
}
