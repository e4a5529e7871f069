import { AppError, type FieldError, type RunConfig, runConfig } from '@regatta/contracts';
import { checkValue } from '../http/input.js';

type Json = Record<string, unknown>;

/** What may differ from the run that a fork starts from; everything else belongs to its checkpoints. */
const free = [
  'name',
  'project',
  'tags',
  'priority',
  'training.maxSteps',
  'training.maxEpochs',
  'training.microBatchSize',
  'training.evaluateEvery',
  'training.checkpointEvery',
  'training.maxRestarts',
  'training.earlyStopping',
  'optimizer.learningRate',
  'optimizer.weightDecay',
  'optimizer.beta1',
  'optimizer.beta2',
  'optimizer.epsilon',
  'optimizer.schedule',
  'optimizer.warmupSteps',
  'optimizer.clipNorm',
  'distributed',
];

/** Why the others may not, by the longest beginning of their path. */
const reasons: [beginning: string, reason: string][] = [
  ['seed', 'it decides which data are held out, and the place in the data counts by it'],
  ['training', 'the place in the data is counted by it'],
  ['optimizer.type', 'the moments of the checkpoint are of this optimizer'],
  ['model', 'the weights of the checkpoint are of this model'],
  ['tokenizer', 'the embeddings of the checkpoint are of this vocabulary'],
  ['dataset', 'the vocabulary and the place in the data are of this one'],
  ['', 'the checkpoint was trained with it'],
];

const isGroup = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON Merge Patch (RFC 7396): objects are merged, null takes a field away, everything else replaces. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isGroup(patch)) return patch;
  const result: Json = isGroup(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = merged(result[field], value);
  }
  return result;
}

/** A field whose value differs, with both. */
export interface ConfigChange {
  path: string;
  before: unknown;
  after: unknown;
}

/** The fields in which two configurations differ, lists as a whole. */
export function differences(before: unknown, after: unknown, path = ''): ConfigChange[] {
  if (isGroup(before) && isGroup(after)) {
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return fields.flatMap((field) => differences(before[field], after[field], path ? `${path}.${field}` : field));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

/**
 * The configuration of a fork.
 * @param changes merged into the parent's configuration
 * @param step of the checkpoint: the fork must have something left to train
 * @throws AppError invalid naming each field that is wrong, or that a checkpoint does not let go of, and why
 */
export function forkedConfig(
  parent: RunConfig,
  changes: Json,
  { step, totalSteps }: { step: number; totalSteps: number | null },
): { config: RunConfig; changed: ConfigChange[] } {
  const config = checkValue(runConfig, merged(parent, changes), 'configuration with the changes') as RunConfig;
  const changed = differences(parent, config);
  const errors = changed.filter(({ path }) => !begins(path, free)).map(refusal);
  const { maxSteps, maxEpochs } = config.training;
  const end = maxSteps ?? (maxEpochs === parent.training.maxEpochs ? totalSteps : null);
  if (end !== null && end <= step)
    errors.push({
      path: `changes.training.${maxSteps === undefined ? 'maxEpochs' : 'maxSteps'}`,
      message: `must be more: the checkpoint is of step ${step} of ${end}, and nothing would be left to train`,
    });
  if (errors.length > 0) {
    const said = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new AppError('invalid', `The run cannot be forked so: ${said}`.slice(0, 2000), { errors });
  }
  return { config, changed };
}

const begins = (path: string, beginnings: string[]): boolean =>
  beginnings.some((beginning) => path === beginning || path.startsWith(`${beginning}.`));

function refusal({ path }: ConfigChange): FieldError {
  const [, reason] = reasons.find(([beginning]) => beginning === '' || begins(path, [beginning])) as [string, string];
  return { path: `changes.${path}`, message: `must stay as it is: ${reason}` };
}
