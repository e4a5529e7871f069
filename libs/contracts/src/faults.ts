import { z } from 'zod';

/**
 * Faults on purpose, for tests, benchmarks and whoever wants to see what Regatta does about them. Workers obey only where CHAOS=1 was set when
 * they were started. `needsRank`: it happens to a trainer, so the worker must hold a rank.
 */
export const faults = {
  'kill-trainer': { needsRank: true, lasts: false, says: 'the trainer gets SIGKILL' },
  'hang-trainer': { needsRank: true, lasts: false, says: 'the trainer gets SIGSTOP' },
  'kill-worker': { needsRank: false, lasts: false, says: 'the whole worker gets SIGKILL' },
  'hang-worker': { needsRank: false, lasts: true, says: 'the whole worker gets SIGSTOP, and SIGCONT after `seconds`' },
  leave: { needsRank: false, lasts: false, says: 'the worker gets SIGTERM: it finishes its step and goes' },
  corrupt: { needsRank: true, lasts: false, says: 'one bit of the next chunk that the trainer sends is turned over' },
  slow: { needsRank: true, lasts: true, says: 'each step of the trainer computes half a second longer, for `seconds`' },
  'out-of-memory': {
    needsRank: true,
    lasts: false,
    says: 'the trainer gets no memory for its next step; the run goes on with a smaller micro-batch, and other numbers',
  },
  'full-disk': {
    needsRank: true,
    lasts: true,
    says: 'the trainer finds no room for checkpoints, for `seconds`',
  },
  'drop-redis': {
    needsRank: false,
    lasts: false,
    says: 'worker and trainer lose their connections to both Redis servers',
  },
} as const;
export type FaultKind = keyof typeof faults;
export const faultKinds = Object.keys(faults) as FaultKind[];

const kindsWhere = (lasts: boolean) => faultKinds.filter((kind) => faults[kind].lasts === lasts);
const atStep = z
  .number()
  .int()
  .min(0)
  .max(2_147_483_647)
  .optional()
  .meta({ description: 'Once the worker has committed this step of the run that it holds then; without it at once' });

/** One fault of one worker. */
export const fault = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.enum(kindsWhere(false)), atStep }),
  z.strictObject({ fault: z.enum(kindsWhere(true)), atStep, seconds: z.number().min(0.1).max(600).default(10) }),
]);
export type Fault = z.output<typeof fault>;

export const chaosAnswer = z.object({
  worker: z.string(),
  fault: z.enum(faultKinds),
  run: z.string().nullable().meta({ description: 'The run whose ledger tells of it' }),
  rank: z.number().int().nullable(),
});
export type ChaosAnswer = z.output<typeof chaosAnswer>;
