import { AppError, jobNames, predictJob, queueNames } from '@regatta/contracts';
import { UnrecoverableError } from 'bullmq';
import type { PredictorProcess } from '../predictor-process.js';
import type { QueueDefinition } from './queue.js';

/** A prediction; the job's return value is its result. Errors keep their code: `failedReason` is JSON {code, message, retryable}. */
export const inferenceQueue = (predictor: PredictorProcess): QueueDefinition => ({
  name: queueNames.inference,
  handlers: {
    [jobNames.inference]: async (data) => {
      try {
        return await predictor.predict(predictJob.parse(data));
      } catch (error) {
        const { code, message, retryable } =
          error instanceof AppError ? error : new AppError('internal', (error as Error).message, { cause: error });
        throw new UnrecoverableError(JSON.stringify({ code, message, retryable }));
      }
    },
  },
  options: { concurrency: 4, maxStalledCount: 0 },
});
