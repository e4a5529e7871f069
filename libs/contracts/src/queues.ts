import { z } from 'zod';
import { id } from './ids.js';

/** BullMQ queue names (control Redis, BullMQ prefix `regatta:bull`). */
export const queueNames = { runs: 'runs', ranks: 'ranks', inference: 'inference' } as const;
export const bullPrefix = 'regatta:bull';

/** Queue `runs`: compare a run's desired with its observed state; deduplicated by run id, keepLastIfActive. */
export const reconcileJob = z.strictObject({ runId: id });
export type ReconcileJob = z.infer<typeof reconcileJob>;

/** Queue `ranks`: an offer to be a rank of a generation. Claimed by claim.lua; never retried by BullMQ. */
export const rankOffer = z.strictObject({
  runId: id,
  generation: z.number().int().min(1),
  offer: z.number().int().min(0),
});
export type RankOffer = z.infer<typeof rankOffer>;
