import { jobNames, queueNames, reconcileJob } from '@regatta/contracts';
import type { Coordinator } from '../coordinator.js';
import type { QueueDefinition } from './queue.js';

/** Several runs at a time, never the same one twice (deduplication by the run's id). */
export const runsQueue = (coordinator: Coordinator): QueueDefinition => ({
  name: queueNames.runs,
  handlers: { [jobNames.runs]: async (data) => coordinator.reconcile(reconcileJob.parse(data).runId) },
  options: {
    concurrency: 4,
    // The word that there is a job may go to a worker that is frozen: the others look by themselves so often (s).
    drainDelay: 1,
    // The job of a worker that died holds up its run until it counts as stalled (before the worker counts as lost); it may then be taken again
    // any number of times. On a busy machine a renewal comes late, and a job that is well under way must not be done twice.
    lockDuration: 2000,
    stalledInterval: 500,
    maxStalledCount: 1_000_000,
  },
});
