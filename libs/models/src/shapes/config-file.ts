import { z } from 'zod';
import type { BertConfig } from './bert.js';

const size = z.number().int().min(1).max(1_000_000);
const dropout = z.number().min(0).lt(1).default(0.1);

/** What a BERT's config.json says of its shape; defaults are those of transformers' BertConfig. */
export const bertConfigFile = z.object({
  model_type: z.literal('bert'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: z.number().int().min(1).max(200),
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  hidden_dropout_prob: dropout,
  attention_probs_dropout_prob: dropout,
  layer_norm_eps: z.number().positive().default(1e-12),
  initializer_range: z.number().positive().default(0.02),
});

export const sizesOf = (file: z.output<typeof bertConfigFile>): BertConfig => ({
  vocabSize: file.vocab_size,
  hiddenSize: file.hidden_size,
  numHiddenLayers: file.num_hidden_layers,
  numAttentionHeads: file.num_attention_heads,
  intermediateSize: file.intermediate_size,
  maxPositionEmbeddings: file.max_position_embeddings,
  typeVocabSize: file.type_vocab_size,
  hiddenDropoutProb: file.hidden_dropout_prob,
  attentionProbsDropoutProb: file.attention_probs_dropout_prob,
  layerNormEps: file.layer_norm_eps,
  initializerRange: file.initializer_range,
});

/** The sizes in a model's config.json; null for one that is no BERT. */
export function bertConfigOf(config: unknown): BertConfig | null {
  const parsed = bertConfigFile.safeParse(config);
  return parsed.success ? sizesOf(parsed.data) : null;
}
