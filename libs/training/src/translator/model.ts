import { AppError, architectures, translationModelType } from '@regatta/contracts';
import { seq2seqModel, type TranslationModel, transformerModel } from '@regatta/models';
import { z } from 'zod';

const size = z.number().int().min(1);

const shared = {
  model_type: z.literal(translationModelType),
  hiddenSize: size,
  numHiddenLayers: size,
  dropout: z.number(),
  tieEmbeddings: z.boolean(),
  labelSmoothing: z.number(),
  /** Most tokens of a source and of a target, end tokens included. */
  maxLength: size,
  sourceVocabSize: size,
  targetVocabSize: size,
};

/** The config.json of a translation model: what its graphs are built from. */
export const translationModelConfig = z.discriminatedUnion('architecture', [
  z.object({
    architecture: z.literal('transformer'),
    ...shared,
    numAttentionHeads: size,
    intermediateSize: size,
    positions: z.enum(['sinusoidal', 'learned']),
    norm: z.enum(['post', 'pre']),
    activation: z.enum(['relu', 'gelu']),
  }),
  z.object({ architecture: z.enum(architectures).exclude(['transformer']), ...shared }),
]);
export type TranslationModelConfig = z.output<typeof translationModelConfig>;

/** @throws AppError `invalid` for the config.json of another kind of model */
export function parseTranslationConfig(json: unknown): TranslationModelConfig {
  const parsed = translationModelConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid', "The model's config.json does not describe a translation model of this version.", {
    next: 'Use a model that was trained by the task translate.',
    cause: parsed.error,
  });
}

/** Layers and heads of the attention that a model's decoder gives; none without attention. */
export function attentionHeads(config: TranslationModelConfig): { layers: number; heads: number } {
  if (config.architecture === 'transformer') return { layers: config.numHiddenLayers, heads: config.numAttentionHeads };
  return config.architecture === 'seq2seq-attention' ? { layers: 1, heads: 1 } : { layers: 0, heads: 0 };
}

/** The model that a configuration describes. */
export function translationModel(config: TranslationModelConfig): TranslationModel {
  const vocabularies = { source: config.sourceVocabSize, target: config.targetVocabSize };
  return config.architecture === 'transformer'
    ? transformerModel({ ...config, maxPositionEmbeddings: config.maxLength }, vocabularies)
    : seq2seqModel(config, vocabularies);
}
