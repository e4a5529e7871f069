import { AppError, inferenceJob, jobNames, queueNames } from '@regatta/contracts';
import { UnrecoverableError } from 'bullmq';
import type { PredictorProcess } from '../predictor-process.js';
import type { QueueDefinition } from './queue.js';

/** A whole data set, or a file to make, must not stand before a prediction: it has a process of its own. */
export interface InferenceProcesses {
  predictor: PredictorProcess;
  evaluator: PredictorProcess;
}

const answerKept = { age: 300, count: 100 };

/** What a model is asked; the job's return value is its result. Errors keep their code: `failedReason` is JSON {code, message, retryable, errors}. */
export const inferenceQueue = (processes: InferenceProcesses): QueueDefinition => ({
  name: queueNames.inference,
  handlers: {
    [jobNames.inference]: async (data) => {
      try {
        const job = inferenceJob.parse(data);
        const isLong = job.action === 'evaluate' || job.action === 'onnx';
        return await (isLong ? processes.evaluator : processes.predictor).infer(job);
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
