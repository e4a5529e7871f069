import type { OnApplicationShutdown } from '@nestjs/common';
import { bullPrefix, jobNames, queueNames, type ReconcileJob, reconcileOptions } from '@regatta/contracts';
import { Queue } from 'bullmq';
import { closeQueues } from './close-queues.js';
import { connectionOptions } from './control-redis.js';

/** Queue `runs`: each job asks a coordinator to compare what a run should be with what it is. */
export class RunQueue implements OnApplicationShutdown {
  private readonly queue: Queue<ReconcileJob>;

  constructor(url: string) {
    this.queue = new Queue(queueNames.runs, {
      prefix: bullPrefix,
      connection: { ...connectionOptions(url), maxRetriesPerRequest: 1, enableOfflineQueue: false },
    });
    this.queue.on('error', () => undefined);
  }

  /** Asks for a reconcile: at most one active and one waiting a run, and no wake-up is lost. */
  async reconcile(runId: string): Promise<void> {
    await this.queue.add(jobNames.runs, { runId }, reconcileOptions(runId));
  }

  async onApplicationShutdown(): Promise<void> {
    await closeQueues(this.queue);
  }
}
