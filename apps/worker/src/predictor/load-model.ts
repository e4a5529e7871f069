import { modelKindOf } from '@regatta/contracts';
import type { Engine } from '@regatta/engine';
import type { ArtifactStore } from '@regatta/storage';
import { embed } from './bert/embed.js';
import { evaluateBert } from './bert/evaluate.js';
import { exportBert } from './bert/export.js';
import { LoadedBert } from './bert/loaded-bert.js';
import { predictBert } from './bert/predict.js';
import type { LoadedModel } from './model.js';
import { loadTranslation } from './translation.js';

/**
 * Loads checkpoint `step` of a run, or an imported model, which is its owner's checkpoint 0.
 *
 * @throws AppError `not-found` or `checkpoint-corrupt` as the store does; `invalid` or `invalid-file` for what is no model of ours
 */
export async function loadModel(
  engine: Engine,
  store: ArtifactStore,
  owner: string,
  step: number,
): Promise<LoadedModel> {
  const { files } = await store.readCheckpoint(owner, step);
  const kind = modelKindOf(JSON.parse(files['config.json'].toString()));
  return kind === 'translation' ? loadTranslation(engine, files) : loadBert(engine, files);
}

function loadBert(engine: Engine, files: Record<string, Buffer>): LoadedModel {
  const model = LoadedBert.load(engine, files);
  return {
    kind: model.description.kind,
    bytes: model.space.w.byteLength,
    predict: (body) => predictBert(model, body),
    embed: (inputs) => embed(model, inputs),
    evaluate: (data) => evaluateBert(engine, model, data),
    exportOnnx: () => exportBert(model),
    dispose: async () => model.dispose(),
  };
}
