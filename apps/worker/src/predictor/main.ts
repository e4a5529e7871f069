import { AppError, type InferenceJob, type InferenceResult, predictBodies } from '@regatta/contracts';
import { createEngine, type EngineKind } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { LRUCache } from 'lru-cache';
import { pino } from 'pino';
import { ChildChannel } from '../child-channel.js';
import { failureOf } from '../child-errors.js';
import { type FromPredictor, type ToPredictor, toPredictor } from '../ipc.js';
import { LoadedModel } from './loaded-model.js';
import { predict } from './predict.js';

/** Keeps the models that were asked last warm and predicts with them, one prediction after another. */
const mostModels = 4;

const agent = new ChildChannel<ToPredictor, FromPredictor>(toPredictor, hear);
const models = new LRUCache<string, LoadedModel>({ max: mostModels, dispose: (model) => model.dispose() });
let setting: Setting | null = null;
let last: Promise<unknown> = Promise.resolve();

type Setting = ReturnType<typeof configure>;

function configure({ engine, threads, artifactsUrl, logLevel }: Extract<ToPredictor, { type: 'configure' }>) {
  return {
    engine: createEngine(engine as EngineKind, { threads }),
    store: openStore(artifactsUrl),
    log: pino({ level: logLevel }).child({ process: 'predictor' }),
  };
}

function hear(message: ToPredictor): void {
  if (message.type === 'configure') {
    setting = configure(message);
    return;
  }
  const { id, job } = message;
  last = last
    .then(() => answer(job))
    .then(
      (result) => agent.send({ type: 'result', id, result }),
      (error: unknown) => {
        const errors = error instanceof AppError ? error.errors : [];
        return agent.send({ type: 'error', id, ...failureOf(error), errors });
      },
    );
}

async function answer(job: InferenceJob): Promise<InferenceResult> {
  if (!setting) throw new AppError('internal', 'The predictor was asked before it was configured.');
  const { engine, store, log } = setting;
  const { owner, step } = job;
  const key = `${owner}/${step}`;
  let model = models.get(key);
  if (!model) {
    const began = performance.now();
    model = await LoadedModel.load(engine, store, owner, step);
    models.set(key, model);
    log.info({ owner, step, ms: performance.now() - began }, 'model loaded');
  }
  if (job.action !== 'predict') throw new AppError('invalid', `A model cannot be asked to ${job.action} here.`);
  return predict(model, predictBodies.pretraining.parse(job.body));
}
