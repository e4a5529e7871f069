import { AppError, type InferenceJob, type InferenceResult } from '@regatta/contracts';
import { createEngine, type EngineKind } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { LRUCache } from 'lru-cache';
import { pino } from 'pino';
import { ChildChannel } from '../child-channel.js';
import { failureOf } from '../child-errors.js';
import { type FromPredictor, type ToPredictor, toPredictor } from '../ipc.js';
import { answer } from './answer.js';
import { loadModel } from './load-model.js';
import type { LoadedModel } from './model.js';

/** Keeps the models that were asked last warm and predicts with them, one prediction after another. */
const mostModels = 4;
const mostBytes = 2 ** 31;

const agent = new ChildChannel<ToPredictor, FromPredictor>(toPredictor, hear);
const models = new LRUCache<string, LoadedModel>({
  max: mostModels,
  maxSize: mostBytes,
  // one that is larger than all together may be is kept alone
  sizeCalculation: ({ bytes }) => Math.min(bytes, mostBytes),
  dispose: (model) => void model.dispose(),
});
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
    .then(() => ask(job))
    .then(
      (result) => agent.send({ type: 'result', id, result }),
      (error: unknown) => {
        const errors = error instanceof AppError ? error.errors : [];
        return agent.send({ type: 'error', id, ...failureOf(error), errors });
      },
    );
}

async function ask(job: InferenceJob): Promise<InferenceResult> {
  if (!setting) throw new AppError('internal', 'The predictor was asked before it was configured.');
  const { engine, store, log } = setting;
  const { owner, step } = job;
  const key = `${owner}/${step}`;
  let model = models.get(key);
  if (!model) {
    const began = performance.now();
    model = await loadModel(engine, store, owner, step);
    models.set(key, model);
    log.info({ owner, step, kind: model.kind, ms: performance.now() - began }, 'model loaded');
  }
  return answer(store, model, job);
}
