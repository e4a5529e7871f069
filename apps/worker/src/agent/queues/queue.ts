import { bullPrefix } from '@regatta/contracts';
import { type Job, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

export interface QueueDefinition {
  name: string;
  /** By the job's name: exactly one handler each. Gets the payload as it came. */
  handlers: Record<string, (data: unknown) => Promise<unknown>>;
  options: Pick<
    WorkerOptions,
    | 'drainDelay'
    | 'concurrency'
    | 'lockDuration'
    | 'stalledInterval'
    | 'maxStalledCount'
    | 'removeOnComplete'
    | 'removeOnFail'
  >;
}

/** Starts taking the jobs of a queue. A job that has no handler fails and says so: its sender runs another version. */
export function consume(redis: Redis, { name, handlers, options }: QueueDefinition, log: Logger): Worker {
  const worker = new Worker(
    name,
    async (job: Job) => {
      const handle = handlers[job.name];
      if (!handle) {
        throw new Error(`queue ${name} has no handler for jobs named ${job.name}`);
      }
      return handle(job.data);
    },
    { connection: redis, prefix: bullPrefix, ...options },
  );
  worker.on('failed', (job, error) => log.warn({ queue: name, job: job?.id, error: error.message }, 'job failed'));
  worker.on('error', (error) => log.debug({ queue: name, error: error.message }, 'the queue waits for Redis'));
  return worker;
}

/** Every name has a handler and every queue is consumed, or the process does not start. */
export function assertComplete(
  definitions: QueueDefinition[],
  names: Record<string, string>,
  jobs: Record<string, string>,
): void {
  for (const [key, name] of Object.entries(names)) {
    const handled = definitions.filter((one) => one.name === name).flatMap((one) => Object.keys(one.handlers));
    if (handled.length !== 1 || handled[0] !== jobs[key]) {
      throw new Error(
        `queue ${name} must have exactly one handler, for jobs named ${jobs[key]}; it has: ${handled.join(', ')}`,
      );
    }
  }
}
