import { createHash } from 'node:crypto';
import { AppError, type RunSpec } from '@regatta/contracts';
import type { NamedTensor, ParameterSpace } from '@regatta/engine';
import { type ArtifactStore, decodeSafetensors, encodeSafetensors } from '@regatta/storage';
import { z } from 'zod';
import { type TrainingState, trainingState } from './state.js';
import type { PreparedTask } from './task.js';

/** Checkpoints that stay: the newest ones, and the one with the least validation loss. */
const keptCheckpoints = 3;

export interface CheckpointContext {
  spec: RunSpec;
  store: ArtifactStore;
  task: PreparedTask;
  fingerprint: string;
  codeVersion: string;
}

interface SavedCheckpoint {
  step: number;
  /** Of the manifest, so of everything in the folder. */
  sha256: string;
  /** Of the bytes of model.safetensors. */
  weightsSha256: string;
  bytes: number;
  metrics: Record<string, number | null>;
}

/** What saveCheckpoint puts into the manifest. */
type SavedMetadata = Pick<SavedCheckpoint, 'weightsSha256' | 'metrics'>;

const stateFile = z.object({
  state: trainingState,
  seed: z.number(),
  config: z.record(z.string(), z.unknown()),
  fingerprint: z.string(),
  codeVersion: z.string(),
});

/** Weights under Hugging Face's names; `format` is what transformers asks for. */
const modelBytes = (space: ParameterSpace): Buffer => encodeSafetensors(space.exportWeights(), { format: 'pt' });

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of the weights as a checkpoint holds them: alike on every rank, whatever the number of ranks. */
export const weightsSha256 = (space: ParameterSpace): string => sha256(modelBytes(space));

/**
 * Saves weights, moments and state as checkpoint `state.step`. Written whole or not at all; the bytes are a function of the run alone, so
 * writing it again, by whichever rank, changes nothing.
 */
export async function saveCheckpoint(context: CheckpointContext, state: TrainingState): Promise<SavedCheckpoint> {
  const { spec, store, task, fingerprint, codeVersion } = context;
  const model = modelBytes(task.space);
  const files = {
    ...task.files(),
    'model.safetensors': model,
    'optimizer.safetensors': encodeSafetensors(momentsByName(task.space)),
    'state.json': Buffer.from(
      `${JSON.stringify({ state, seed: spec.config.seed, config: spec.config, fingerprint, codeVersion }, null, 2)}\n`,
    ),
  };
  const metrics = checkpointMetrics(state);
  const weights = sha256(model);
  const saved = await store.writeCheckpoint(spec.runId, state.step, files, { weightsSha256: weights, metrics });
  return { step: state.step, sha256: saved.sha256, weightsSha256: weights, bytes: saved.bytes, metrics };
}

/** Retires what is neither among the newest nor the best; gives what is gone. */
export async function retireCheckpoints({ spec, store }: CheckpointContext): Promise<SavedCheckpoint[]> {
  const gone = await store.retainCheckpoints(spec.runId, { last: keptCheckpoints, best: 'validation.loss' });
  return gone.map(({ metadata, ...info }) => ({ ...info, ...(metadata as SavedMetadata) }));
}

/**
 * Loads checkpoint `step` into the task's space, bit by bit as it was saved.
 * @throws AppError `checkpoint-corrupt` where it is damaged or belongs to another configuration
 */
export async function restoreCheckpoint(
  { spec, store, task }: CheckpointContext,
  step: number,
): Promise<{ state: TrainingState; saved: SavedCheckpoint; fingerprint: string; codeVersion: string }> {
  const { files, metadata, sha256: manifest, bytes } = await store.readCheckpoint(spec.runId, step);
  const parsed = stateFile.safeParse(JSON.parse(files['state.json'].toString()));
  if (!parsed.success || parsed.data.state.step !== step) {
    throw new AppError('checkpoint-corrupt', `state.json of checkpoint ${step} of run ${spec.runId} is not readable.`, {
      next: 'Use the checkpoint before it.',
      cause: parsed.error,
    });
  }
  task.space.importWeights(decodeSafetensors(files['model.safetensors']));
  task.space.importMoments(momentsOf(decodeSafetensors(files['optimizer.safetensors'])));
  const { state, fingerprint, codeVersion } = parsed.data;
  const { weightsSha256: weights } = metadata as { weightsSha256: string };
  const saved = { step, sha256: manifest, weightsSha256: weights, bytes, metrics: checkpointMetrics(state) };
  return { state, saved, fingerprint, codeVersion };
}

/** The validation counts for this checkpoint only where it was made at its very step. */
function checkpointMetrics({ step, lastMetrics, lastEvaluation }: TrainingState): Record<string, number | null> {
  const metrics: Record<string, number | null> = { 'train.loss': lastMetrics['train.loss'] ?? null };
  if (lastEvaluation?.step !== step) return metrics;
  for (const [name, value] of Object.entries(lastEvaluation.metrics)) metrics[`validation.${name}`] = value;
  return metrics;
}

function momentsByName(space: ParameterSpace): Map<string, NamedTensor> {
  const { m, v, o } = space.exportMoments();
  const named = (moments: Map<string, NamedTensor>, suffix: string) =>
    Array.from(moments, ([name, tensor]): [string, NamedTensor] => [`${name}.${suffix}`, tensor]);
  return new Map([...named(m, 'exp_avg'), ...named(v, 'exp_avg_sq'), ...named(o, 'outer_momentum')]);
}

function momentsOf(tensors: ReadonlyMap<string, NamedTensor>): Record<'m' | 'v' | 'o', Map<string, NamedTensor>> {
  const ending = (suffix: string) =>
    new Map(
      Array.from(tensors)
        .filter(([name]) => name.endsWith(suffix))
        .map(([name, tensor]) => [name.slice(0, -suffix.length), tensor]),
    );
  return { m: ending('.exp_avg'), v: ending('.exp_avg_sq'), o: ending('.outer_momentum') };
}
