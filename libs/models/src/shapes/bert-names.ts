import type { ParameterShape } from './bert.js';

/** Parts of the pretraining model that the weights may have beyond ours: a copy of the tied decoder, its bias, a buffer of positions. */
const redundant = /(^|\.)(position_ids|cls\.predictions\.decoder\.(weight|bias))$/;
const withoutPrefix = /^(embeddings|encoder|pooler)\./;

/** A parameter's name as ours are: with `bert.`, and `weight`/`bias` where old checkpoints have LayerNorm's `gamma`/`beta`. */
export const canonicalName = (name: string): string =>
  name
    .replace(withoutPrefix, 'bert.$&')
    .replace(/\.LayerNorm\.gamma$/, '.LayerNorm.weight')
    .replace(/\.LayerNorm\.beta$/, '.LayerNorm.bias');

export interface MatchedWeights<T> {
  /** The tensors that the model has, under its names. */
  weights: Map<string, T>;
  /** Parameters of the model that the checkpoint lacks, in order. */
  missing: string[];
  /** Tensors of the checkpoint that the model has no place for; copies and buffers are not counted. */
  unused: string[];
}

/**
 * Fits the tensors of a BERT checkpoint, as transformers of any age wrote it, to the parameters of a model: with or without the prefix
 * `bert.`, with `gamma`/`beta`, with a decoder's copy of the word embeddings, with `position_ids`.
 */
export function matchWeights<T>(
  tensors: ReadonlyMap<string, T>,
  parameters: readonly Pick<ParameterShape, 'name'>[],
): MatchedWeights<T> {
  const known = new Set(parameters.map(({ name }) => name));
  const weights = new Map<string, T>();
  const unused: string[] = [];
  for (const [name, tensor] of tensors) {
    const canonical = canonicalName(name);
    // BertForPreTraining of some writers keeps the decoder's bias only
    const target =
      canonical === 'cls.predictions.decoder.bias' && known.has('cls.predictions.bias') ? biasName : canonical;
    if (known.has(target)) {
      if (!weights.has(target) || target === canonical) weights.set(target, tensor);
    } else if (!redundant.test(canonical)) unused.push(name);
  }
  return { weights, missing: parameters.filter(({ name }) => !weights.has(name)).map(({ name }) => name), unused };
}

const biasName = 'cls.predictions.bias';
