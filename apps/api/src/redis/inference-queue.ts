import type { OnApplicationShutdown } from '@nestjs/common';
import {
  AppError,
  bullPrefix,
  type ErrorCode,
  type FieldError,
  type InferenceJob,
  jobNames,
  queueNames,
} from '@regatta/contracts';
import { Queue, QueueEvents } from 'bullmq';
import { closeQueues } from './close-queues.js';
import { connectionOptions } from './control-redis.js';

/** Queue `inference`: what a predictor is asked while someone waits. */
export class InferenceQueue implements OnApplicationShutdown {
  private readonly queue: Queue<InferenceJob, unknown>;
  private readonly events: QueueEvents;

  constructor(url: string) {
    const connection = connectionOptions(url);
    this.queue = new Queue(queueNames.inference, {
      prefix: bullPrefix,
      connection: { ...connection, maxRetriesPerRequest: 1, enableOfflineQueue: false },
    });
    this.events = new QueueEvents(queueNames.inference, {
      prefix: bullPrefix,
      connection: { ...connection, maxRetriesPerRequest: null },
    });
    this.queue.on('error', () => undefined);
    this.events.on('error', () => undefined);
  }

  /**
   * @param longestMs how long someone waits for it
   * @throws AppError as the predictor gave it; unavailable when no answer came in time
   */
  async ask<T>(job: InferenceJob, longestMs: number): Promise<T> {
    await this.events.waitUntilReady();
    const options = { attempts: 1, removeOnComplete: { age: 60 }, removeOnFail: { age: 60 } };
    const added = await this.queue.add(jobNames.inference, job, options);
    try {
      return (await added.waitUntilFinished(this.events, longestMs)) as T;
    } catch (error) {
      const refused = readFailure(error);
      if (refused) throw refused;
      await added.remove().catch(() => undefined);
      throw new AppError('unavailable', `No worker has answered within ${longestMs / 1000} s`, {
        retryable: true,
        cause: error,
      });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await closeQueues(this.queue, this.events);
  }
}

/** A failed job's reason is the predictor's AppError as JSON. */
function readFailure(error: unknown): AppError | undefined {
  try {
    const { code, message, next, retryable, errors } = JSON.parse((error as Error).message) as Record<string, unknown>;
    if (typeof code !== 'string' || typeof message !== 'string') return undefined;
    return new AppError(code as ErrorCode, message, {
      next: next as string | undefined,
      retryable: retryable === true,
      errors: Array.isArray(errors) ? (errors as FieldError[]) : undefined,
    });
  } catch {
    return undefined;
  }
}
