import { AppError, inferenceJob, jobNames, queueNames } from '@regatta/contracts';
import { UnrecoverableError } from 'bullmq';
import type { PredictorProcess } from '../predictor-process.js';
import type { QueueDefinition } from './queue.js';

const answerKept = { age: 300, count: 100 };

/** What a model is asked; the job's return value is its result. Errors keep their code: `failedReason` is JSON {code, message, retryable, errors}. */
export const inferenceQueue = (predictor: PredictorProcess): QueueDefinition => ({
  name: queueNames.inference,
  handlers: {
    [jobNames.inference]: async (data) => {
      try {
        return await predictor.infer(inferenceJob.parse(data));
      } catch (error) {
        const { code, message, retryable, errors } =
          error instanceof AppError ? error : new AppError('internal', (error as Error).message, { cause: error });
        throw new UnrecoverableError(JSON.stringify({ code, message, retryable, errors }));
      }
    },
  },
  // Long enough for whoever asked to fetch the answer; nobody asks for it twice.
  options: { concurrency: 4, maxStalledCount: 0, removeOnComplete: answerKept, removeOnFail: answerKept },
});
