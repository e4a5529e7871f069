// Vs, Vt entries of the vocabularies; H hidden size, of the embeddings too. Names of recurrent layers are torch.nn.GRU's, weights [out, in] there.
import type { ParameterShape } from '../shapes/index.js';
import type { Vocabularies } from '../translation.js';

/** A recurrent encoder and decoder, with a fixed context (Cho et al., 2014) or with additive attention (Bahdanau et al., 2015). */
export interface Seq2SeqConfig {
  architecture: 'seq2seq-gru' | 'seq2seq-attention';
  hiddenSize: number;
  /** Layers of the encoder, and of the decoder. */
  numHiddenLayers: number;
  /** Rate of dropout on the embeddings and between layers. */
  dropout: number;
  /** The output layer uses the target embeddings. */
  tieEmbeddings: boolean;
  /** ε of Szegedy et al. (2016): part of the trained loss that is spread over the whole vocabulary. */
  labelSmoothing: number;
}

const table = (name: string, rows: number, width: number): ParameterShape => ({
  name,
  shape: [rows, width],
  decay: true,
  init: 'normal',
});
const projection = (name: string, from: number, to: number): ParameterShape => ({
  name,
  shape: [from, to],
  decay: true,
  init: 'xavier',
  layout: 'io',
});
const bias = (name: string, size: number): ParameterShape => ({ name, shape: [size], decay: false, init: 'zeros' });

/** A stack of gated recurrent units: `layers` layers of width H over inputs of width `from`. */
export const gruParameters = (name: string, from: number, H: number, layers: number): ParameterShape[] =>
  Array.from({ length: layers }, (_, l) => [
    projection(`${name}.weight_ih_l${l}`, l === 0 ? from : H, 3 * H),
    projection(`${name}.weight_hh_l${l}`, H, 3 * H),
    bias(`${name}.bias_ih_l${l}`, 3 * H),
    bias(`${name}.bias_hh_l${l}`, 3 * H),
  ]).flat();

/** Parameters of a model; the decoder's input at each step is context ⊕ embedding, 2 H wide. */
export function seq2seqParameters(config: Seq2SeqConfig, { source, target }: Vocabularies): ParameterShape[] {
  const { architecture, hiddenSize: H, numHiddenLayers, tieEmbeddings } = config;
  const attention = [
    projection('decoder.attention.W_q.weight', H, H),
    projection('decoder.attention.W_k.weight', H, H),
    { ...projection('decoder.attention.w_v.weight', 1, H), layout: undefined },
  ];
  return [
    table('encoder.embedding.weight', source, H),
    ...gruParameters('encoder.rnn', H, H, numHiddenLayers),
    table('decoder.embedding.weight', target, H),
    ...gruParameters('decoder.rnn', 2 * H, H, numHiddenLayers),
    ...(architecture === 'seq2seq-attention' ? attention : []),
    ...(tieEmbeddings ? [] : [{ ...table('decoder.dense.weight', target, H), init: 'xavier' as const }]),
    bias('decoder.dense.bias', target),
  ];
}
