/** A Transformer encoder–decoder (Vaswani et al., 2017, https://arxiv.org/abs/1706.03762). Field names are those of a run's configuration. */
export interface TransformerConfig {
  /** D, the width of every layer and of the embeddings. */
  hiddenSize: number;
  /** Layers of the encoder, and of the decoder. */
  numHiddenLayers: number;
  /** H, which divides D. */
  numAttentionHeads: number;
  /** I, the width inside the feed-forward layers. */
  intermediateSize: number;
  /** Rate of all dropout: after the embeddings, on attention's probabilities, inside the feed-forward layers, on each sublayer's result. */
  dropout: number;
  positions: 'sinusoidal' | 'learned';
  /** Layer normalisation after each sublayer and its residual, or before each sublayer with one more at the end of either stack. */
  norm: 'post' | 'pre';
  /** gelu is the exact one. */
  activation: 'relu' | 'gelu';
  /** Whether the output layer's matrix is the target embeddings. */
  tieEmbeddings: boolean;
  /** ε of Szegedy et al., 2016: 0 for none. */
  labelSmoothing: number;
  /** Rows of the tables of learned positions; sinusoids know no bound. */
  maxPositionEmbeddings: number;
}

/** torch's default. */
export const LAYER_NORM_EPSILON = 1e-5;
