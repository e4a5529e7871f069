import { Injectable } from '@nestjs/common';
import {
  AppError,
  type DatasetKind,
  type EmbedResult,
  type EvaluateResult,
  type embedBody,
  type evaluateBody,
  measuredOn,
  type PredictResult,
} from '@regatta/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import { DatasetsService } from '../datasets/datasets.service.js';
import { InferenceService } from './inference.service.js';
import { ModelSources } from './model-sources.js';
import { predictBodyOf } from './predict-body.js';

/** Asks a predictor: the API itself loads no tensor library. */
@Injectable()
export class PredictService {
  constructor(
    private readonly sources: ModelSources,
    private readonly datasets: DatasetsService,
    private readonly inference: InferenceService,
  ) {}

  /**
   * @param id a model, or a run: its newest checkpoint
   * @param step of a checkpoint of the model's run; undefined: the model's own
   * @throws AppError unavailable when no worker could answer; invalid as the predictor finds it
   */
  async predict(id: string, step: number | undefined, request: Request): Promise<PredictResult> {
    const { kind, weights } = await this.sources.find(id, step);
    return this.inference.ask({ action: 'predict', ...weights, body: predictBodyOf(kind, request) });
  }

  /** @throws as predict */
  async embed(id: string, step: number | undefined, body: z.output<typeof embedBody>): Promise<EmbedResult> {
    const { weights } = await this.sources.find(id, step);
    return this.inference.ask({ action: 'embed', ...weights, body });
  }

  /** @throws as predict; invalid for data of another kind than the model's */
  async evaluate(id: string, step: number | undefined, body: z.output<typeof evaluateBody>): Promise<EvaluateResult> {
    const { kind, weights } = await this.sources.find(id, step);
    if (kind === null)
      throw new AppError('invalid', 'This model is an encoder without a head: there is nothing to measure', {
        next: 'Fine-tune it first',
      });
    const { sha256, kind: data } = await this.datasets.resolve(body.dataset);
    const kinds = measuredOn[kind];
    if (!kinds.includes(data as DatasetKind)) {
      const message = `is of the kind ${data}; a model for ${kind} is measured on ${kinds.join(' or ')}`;
      throw new AppError('invalid', `The dataset ${message}`, { errors: [{ path: 'dataset', message }] });
    }
    const dataset = { sha256, kind: data as DatasetKind };
    return this.inference.ask({ action: 'evaluate', ...weights, dataset, split: body.split });
  }
}
