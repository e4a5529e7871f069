import { z } from 'zod';
import { id } from './ids.js';

/** BullMQ queue names (control Redis, BullMQ prefix `regatta:bull`). */
export const queueNames = { runs: 'runs', ranks: 'ranks', inference: 'inference' } as const;
export const bullPrefix = 'regatta:bull';
/** Each queue carries jobs of one name; a worker refuses any other. */
export const jobNames = { runs: 'reconcile', ranks: 'offer', inference: 'infer' } as const;

/** BullMQ options of every reconcile job: one active and at most one waiting a run, and no wake-up is lost. */
export const reconcileOptions = (runId: string) => ({
  deduplication: { id: runId, keepLastIfActive: true },
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: { count: 100 },
});

/** Something has happened to the run: it is looked at before those that are only looked at again. */
export const urgentOptions = (runId: string) => ({ ...reconcileOptions(runId), lifo: true });

/** Queue `runs`: compare a run's desired with its observed state; deduplicated by run id, keepLastIfActive. */
export const reconcileJob = z.strictObject({ runId: id });
export type ReconcileJob = z.infer<typeof reconcileJob>;

/** Queue `ranks`: an offer to be a rank of a generation. Claimed by claim.lua; never retried by BullMQ. */
export const rankOffer = z.strictObject({
  runId: id,
  generation: z.number().int().min(1),
  offer: z.number().int().min(0),
  /** Of the gang: equal in all its members. A worker with another one leaves the offer. */
  fingerprint: z.string(),
  /** The gang trains already: prepare, and wait until it takes you in. */
  grow: z.boolean().default(false),
});
export type RankOffer = z.infer<typeof rankOffer>;
