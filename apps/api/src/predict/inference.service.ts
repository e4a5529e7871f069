import { Injectable } from '@nestjs/common';
import { AppError, type InferenceJob, type OnnxResult } from '@regatta/contracts';
import type { Weights } from '../models/models.service.js';
import { InferenceQueue } from '../redis/inference-queue.js';
import { WorkersService } from '../workers/workers.service.js';

/** Someone waits for an answer like for a page. */
const answerMs = 30_000;
/** Of a whole data set, or files to make. */
const longMs = 10 * 60_000;

/** Asks a predictor, on whatever worker: the API itself loads no tensor library. */
@Injectable()
export class InferenceService {
  constructor(
    private readonly workers: WorkersService,
    private readonly queue: InferenceQueue,
  ) {}

  /** @throws AppError as the predictor gave it; unavailable when no worker could answer, or none did in time */
  async ask<T>(job: InferenceJob): Promise<T> {
    if (!(await this.workers.anyAlive()))
      throw new AppError('unavailable', 'No worker is there that could answer', { retryable: true, next: 'Start one' });
    return this.queue.ask(job, job.action === 'evaluate' || job.action === 'onnx' ? longMs : answerMs);
  }

  /** A model's files as ONNX, as blobs of the artifact store. @throws as ask */
  onnx(weights: Weights): Promise<OnnxResult> {
    return this.ask({ action: 'onnx', ...weights });
  }
}
