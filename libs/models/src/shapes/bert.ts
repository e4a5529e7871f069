// V vocabulary, D hidden size, P positions, I intermediate size, L layers. Names are Hugging Face's.

/** BERT's architecture, with the names of Hugging Face's BertConfig. */
export interface BertConfig {
  vocabSize: number;
  hiddenSize: number;
  numHiddenLayers: number;
  numAttentionHeads: number;
  intermediateSize: number;
  maxPositionEmbeddings: number;
  typeVocabSize: number;
  hiddenDropoutProb: number;
  attentionProbsDropoutProb: number;
  /** 1e-12 in every published BERT. */
  layerNormEps: number;
  /** Standard deviation of initial matrices, 0.02. */
  initializerRange: number;
}

/** A parameter as the engine stores it; layout 'io' is [in, out] where Hugging Face has [out, in]. */
export interface ParameterShape {
  name: string;
  shape: number[];
  decay: boolean;
  init: 'normal' | 'xavier' | 'zeros' | 'ones' | 'sinusoidal';
  layout?: 'io';
}

const matrix = (name: string, shape: number[], layout?: 'io'): ParameterShape => ({
  name,
  shape,
  decay: true,
  init: 'normal',
  ...(layout && { layout }),
});
const vector = (name: string, size: number, init: 'zeros' | 'ones' = 'zeros'): ParameterShape => ({
  name,
  shape: [size],
  decay: false,
  init,
});
const dense = (name: string, from: number, to: number): ParameterShape[] => [
  matrix(`${name}.weight`, [from, to], 'io'),
  vector(`${name}.bias`, to),
];
/** Stored as Hugging Face has it, [out, in]: where the input is wide, the weight's gradient then transposes the narrow side. */
export const denseOutIn = (name: string, from: number, to: number): ParameterShape[] => [
  matrix(`${name}.weight`, [to, from]),
  vector(`${name}.bias`, to),
];
const norm = (name: string, size: number): ParameterShape[] => [
  vector(`${name}.weight`, size, 'ones'),
  vector(`${name}.bias`, size),
];

function layer(l: number, { hiddenSize: D, intermediateSize: I }: BertConfig): ParameterShape[] {
  const at = `bert.encoder.layer.${l}`;
  return [
    ...['query', 'key', 'value'].flatMap((part) => dense(`${at}.attention.self.${part}`, D, D)),
    ...dense(`${at}.attention.output.dense`, D, D),
    ...norm(`${at}.attention.output.LayerNorm`, D),
    ...dense(`${at}.intermediate.dense`, D, I),
    ...denseOutIn(`${at}.output.dense`, I, D),
    ...norm(`${at}.output.LayerNorm`, D),
  ];
}

/** Embeddings, encoder and pooler: Hugging Face's BertModel. */
export function bertParameters(config: BertConfig): ParameterShape[] {
  const { vocabSize: V, hiddenSize: D, maxPositionEmbeddings: P, typeVocabSize, numHiddenLayers } = config;
  return [
    matrix('bert.embeddings.word_embeddings.weight', [V, D]),
    // learned as in BERT, but starting as sinusoids: attention to neighbours is then found in half the steps (docs/decisions/0005)
    { ...matrix('bert.embeddings.position_embeddings.weight', [P, D]), init: 'sinusoidal' },
    matrix('bert.embeddings.token_type_embeddings.weight', [typeVocabSize, D]),
    ...norm('bert.embeddings.LayerNorm', D),
    ...Array.from({ length: numHiddenLayers }, (_, l) => layer(l, config)).flat(),
    ...dense('bert.pooler.dense', D, D),
  ];
}

/** BertModel with the masked-LM head (decoder tied to the word embeddings) and the next-sentence head: BertForPreTraining. */
export function bertPretrainingParameters(config: BertConfig): ParameterShape[] {
  const { vocabSize: V, hiddenSize: D } = config;
  return [
    ...bertParameters(config),
    ...dense('cls.predictions.transform.dense', D, D),
    ...norm('cls.predictions.transform.LayerNorm', D),
    vector('cls.predictions.bias', V),
    ...denseOutIn('cls.seq_relationship', D, 2),
  ];
}

/** Number of trainable numbers; with `heads` those of BertForPreTraining, else of BertModel. */
export function countParameters(config: BertConfig, { heads = true } = {}): number {
  const parameters = heads ? bertPretrainingParameters(config) : bertParameters(config);
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
}

/** The config.json that transformers' BertForPreTraining.from_pretrained reads. */
export function huggingFaceConfig(config: BertConfig): Record<string, unknown> {
  return {
    architectures: ['BertForPreTraining'],
    model_type: 'bert',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    intermediate_size: config.intermediateSize,
    hidden_act: 'gelu',
    max_position_embeddings: config.maxPositionEmbeddings,
    type_vocab_size: config.typeVocabSize,
    hidden_dropout_prob: config.hiddenDropoutProb,
    attention_probs_dropout_prob: config.attentionProbsDropoutProb,
    layer_norm_eps: config.layerNormEps,
    initializer_range: config.initializerRange,
    pad_token_id: 0,
    tie_word_embeddings: true,
    position_embedding_type: 'absolute',
  };
}
