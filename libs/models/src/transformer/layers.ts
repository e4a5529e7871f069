// Shapes: n = batch · time rows, time-major (row = t · batch + b), S source and T target tokens; D hidden size, I intermediate size, H heads.
import {
  attention,
  attentionProbabilities,
  dropout,
  embedding,
  gelu,
  type Keep,
  layerNorm,
  linear,
  relu,
} from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import { LAYER_NORM_EPSILON, type TransformerConfig } from './config.js';
import { sinusoidalPositions } from './positions.js';

type Tensor = tf.Tensor;
type Weights = Record<string, Tensor>;
type Side = 'encoder' | 'decoder';

/** What an attention sublayer's context is made of its (pre-normalised) input: both [n, D]. */
type Attend = (x: Tensor) => Tensor;

/** What a masked key adds to its score. */
export const MASKED = -1e9;

/** An additive mask [1, 1, time, time] under which query i sees keys j ≤ i. */
const causalMask = (time: number): Tensor => {
  const see = Float32Array.from({ length: time * time }, (_, at) => (at % time > Math.floor(at / time) ? MASKED : 0));
  return tf.tensor(see, [1, 1, time, time]);
};

/**
 * The parts of a Transformer over one set of weights. Dropout sites are named after the place in the model, `suffix` telling chunks of a batch
 * apart.
 */
export class TransformerLayers {
  constructor(
    private readonly p: Weights,
    private readonly config: TransformerConfig,
    private readonly keep: Keep,
    private readonly suffix = '',
  ) {}

  dense(x: Tensor, name: string, outIn = false): Tensor {
    return linear(x, this.p[`${name}.weight`], this.p[`${name}.bias`], { outIn });
  }

  norm(x: Tensor, name: string): Tensor {
    return layerNorm(x, this.p[`${name}.weight`], this.p[`${name}.bias`], LAYER_NORM_EPSILON);
  }

  /** Embeddings · √D without positions: ids int32 [n] → [n, D]. */
  words(side: Side, ids: Tensor): Tensor {
    return tf.mul(embedding(this.p[`${side}.embed_tokens.weight`], ids), Math.sqrt(this.config.hiddenSize));
  }

  /** Embeddings · √D + positions, with dropout: time-major ids int32 [n] of `batch` sequences → [n, D]. */
  embed(side: Side, ids: Tensor, batch: number): Tensor {
    const { hiddenSize: D, positions } = this.config;
    const words = this.words(side, ids);
    const time = ids.size / batch;
    if (positions === 'learned') {
      const times = Int32Array.from({ length: ids.size }, (_, row) => Math.floor(row / batch));
      const places = embedding(this.p[`${side}.embed_positions.weight`], tf.tensor1d(times, 'int32'));
      return this.drop(tf.add(words, places), `${side}.embed`);
    }
    const places = tf.tensor3d(sinusoidalPositions(time, D), [time, 1, D]);
    const sum = tf.add(tf.reshape(words, [time, batch, D]), places);
    return this.drop(tf.reshape(sum, [ids.size, D]), `${side}.embed`);
  }

  /** Attention `name` of z [nq, D] to y [nk, D] → context [nq, D]; mask additive, [batch or 1, 1, queries or 1, keys]. */
  attend(z: Tensor, y: Tensor, mask: Tensor, name: string, batch: number): Tensor {
    const { numAttentionHeads: heads, dropout: rate } = this.config;
    const [q, k, v] = [
      this.dense(z, `${name}.q_proj`),
      this.dense(y, `${name}.k_proj`),
      this.dense(y, `${name}.v_proj`),
    ];
    const kept = this.keep(`${name}.probs${this.suffix}`, [batch, heads, q.shape[0] / batch, k.shape[0] / batch], rate);
    return attention(q, k, v, mask, kept, { heads, batch, rate });
  }

  /** x [n, D] through encoder layer l: self-attention and feed-forward → [n, D]. */
  encoderLayer(l: number, x: Tensor, self: Attend): Tensor {
    const at = `encoder.layers.${l}`;
    return this.feedForward(at, this.attended(at, 'self_attn', x, self));
  }

  /** y [n, D] through decoder layer l: self-attention, attention to the encoder, feed-forward → [n, D]. */
  decoderLayer(l: number, y: Tensor, self: Attend, cross: Attend): Tensor {
    const at = `decoder.layers.${l}`;
    return this.feedForward(at, this.attended(at, 'encoder_attn', this.attended(at, 'self_attn', y, self), cross));
  }

  /** What a stack gives: with pre-norm, normalised once more. */
  finish(side: Side, x: Tensor): Tensor {
    return this.config.norm === 'pre' ? this.norm(x, `${side}.layer_norm`) : x;
  }

  /**
   * The whole encoder: time-major ids [S · batch], mask [batch, 1, 1, S] → [S · batch, D]. `look` is shown what each layer's self-attention
   * is made of.
   */
  encode(ids: Tensor, mask: Tensor, batch: number, look?: (z: Tensor, name: string) => void): Tensor {
    let x = this.embed('encoder', ids, batch);
    for (let l = 0; l < this.config.numHiddenLayers; l++) {
      const name = `encoder.layers.${l}.self_attn`;
      x = this.encoderLayer(l, x, (z) => {
        look?.(z, name);
        return this.attend(z, z, mask, name, batch);
      });
    }
    return this.finish('encoder', x);
  }

  /** The probabilities of self-attention `name` of z [n, D], to be looked at → [batch, H, time, time]. */
  probabilities(z: Tensor, mask: Tensor, name: string, batch: number): Tensor {
    const { numAttentionHeads: heads } = this.config;
    return attentionProbabilities(this.dense(z, `${name}.q_proj`), this.dense(z, `${name}.k_proj`), mask, {
      heads,
      batch,
    });
  }

  /** The whole decoder under teacher forcing: time-major ids [T · batch], the encoder's result and mask → [T · batch, D]. */
  decode(ids: Tensor, memory: Tensor, mask: Tensor, batch: number): Tensor {
    const causal = causalMask(ids.size / batch);
    let y = this.embed('decoder', ids, batch);
    for (let l = 0; l < this.config.numHiddenLayers; l++) {
      const at = `decoder.layers.${l}`;
      const self = (z: Tensor) => this.attend(z, z, causal, `${at}.self_attn`, batch);
      y = this.decoderLayer(l, y, self, (z) => this.attend(z, memory, mask, `${at}.encoder_attn`, batch));
    }
    return this.finish('decoder', y);
  }

  /** The feed-forward sublayer of layer `at` itself, the same two dense layers for every row: [n, D] → [n, D]. */
  positionWise(at: string, x: Tensor): Tensor {
    const { intermediateSize: I, activation, dropout: rate } = this.config;
    const wide = this.dense(x, `${at}.fc1`); // [n, I]
    const kept = this.keep(`${at}.fc1${this.suffix}`, [x.shape[0], I], rate);
    const inner = activation === 'relu' ? relu(wide, kept, rate) : dropout(gelu(wide), kept, rate);
    return this.dense(inner, `${at}.fc2`, true);
  }

  /** The output layer's matrix [V, D] and bias [V]. */
  output(): { weight: Tensor; bias: Tensor } {
    const weight = this.config.tieEmbeddings ? 'decoder.embed_tokens.weight' : 'lm_head.weight';
    return { weight: this.p[weight], bias: this.p['lm_head.bias'] };
  }

  private attended(at: string, name: string, x: Tensor, attend: Attend): Tensor {
    const sublayer: Attend = (z) => this.dense(attend(z), `${at}.${name}.out_proj`);
    return this.addAndNorm(x, sublayer, `${at}.${name}_layer_norm`, `${at}.${name}`);
  }

  private feedForward(at: string, x: Tensor): Tensor {
    return this.addAndNorm(x, (z) => this.positionWise(at, z), `${at}.final_layer_norm`, `${at}.fc2`);
  }

  private addAndNorm(x: Tensor, sublayer: Attend, norm: string, site: string): Tensor {
    if (this.config.norm === 'pre') return tf.add(x, this.drop(sublayer(this.norm(x, norm)), site));
    return this.norm(tf.add(x, this.drop(sublayer(x), site)), norm);
  }

  private drop(x: Tensor, site: string): Tensor {
    const rate = this.config.dropout;
    return dropout(x, this.keep(`${site}${this.suffix}`, x.shape, rate), rate);
  }
}
