// Shapes: n = batch · time rows, time-major (row = t · batch + b); D hidden size, I intermediate size, H heads, d = D / H.
// BERT: Devlin et al., 2019, https://arxiv.org/abs/1810.04805; a post-norm encoder of Vaswani et al., 2017, with erf-GELU.
import { attention, dropout, embedding, gelu, type Keep, layerNorm, linear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from '../shapes/bert.js';

type Tensor = tf.Tensor;
export type Weights = Record<string, Tensor>;

/** BERT's parts over one set of weights. Dropout sites are named after the place in the model, `suffix` telling chunks of a batch apart. */
export class BertLayers {
  constructor(
    private readonly p: Weights,
    private readonly config: BertConfig,
    private readonly keep: Keep,
  ) {}

  dense(x: Tensor, name: string, outIn = false): Tensor {
    return linear(x, this.p[`${name}.weight`], this.p[`${name}.bias`], { outIn });
  }

  norm(x: Tensor, name: string): Tensor {
    return layerNorm(x, this.p[`${name}.weight`], this.p[`${name}.bias`], this.config.layerNormEps);
  }

  /** ids, segments int32 [n] of `batch` sequences → [n, D]. */
  embed(ids: Tensor, segments: Tensor, batch: number, suffix: string): Tensor {
    const table = (name: string) => this.p[`bert.embeddings.${name}_embeddings.weight`];
    const times = Int32Array.from({ length: ids.size }, (_, row) => Math.floor(row / batch));
    const words = embedding(table('word'), ids);
    const positions = embedding(table('position'), tf.tensor1d(times, 'int32'));
    const sum = tf.add(tf.add(words, positions), embedding(table('token_type'), segments));
    return this.drop(this.norm(sum, 'bert.embeddings.LayerNorm'), `embeddings${suffix}`);
  }

  /** Queries, keys and values of layer l: the rows z ask, all rows y answer. */
  project(z: Tensor, y: Tensor, l: number): { q: Tensor; k: Tensor; v: Tensor } {
    const at = `bert.encoder.layer.${l}.attention.self`;
    return { q: this.dense(z, `${at}.query`), k: this.dense(y, `${at}.key`), v: this.dense(y, `${at}.value`) };
  }

  /** Layer l's attention of z [nq, D] to y [n, D] → context [nq, D]. mask is additive, [batch, 1, 1, time]. */
  attend(z: Tensor, y: Tensor, mask: Tensor, l: number, batch: number, suffix: string): Tensor {
    const { q, k, v } = this.project(z, y, l);
    const { numAttentionHeads: heads, attentionProbsDropoutProb: rate } = this.config;
    const shape = [batch, heads, q.shape[0] / batch, k.shape[0] / batch];
    const kept = this.keep(`encoder.${l}.attention.probs${suffix}`, shape, rate);
    return attention(q, k, v, mask, kept, { heads, batch, rate });
  }

  /** The rest of layer l, which works on each row alone: y [n, D] and its context → [n, D]. */
  rowWise(y: Tensor, context: Tensor, l: number, suffix: string): Tensor {
    const at = `bert.encoder.layer.${l}`;
    const projected = this.drop(
      this.dense(context, `${at}.attention.output.dense`),
      `encoder.${l}.attention.output${suffix}`,
    );
    const attended = this.norm(tf.add(y, projected), `${at}.attention.output.LayerNorm`);
    const inner = gelu(this.dense(attended, `${at}.intermediate.dense`)); // [n, I]
    const outer = this.drop(this.dense(inner, `${at}.output.dense`, true), `encoder.${l}.output${suffix}`);
    return this.norm(tf.add(attended, outer), `${at}.output.LayerNorm`);
  }

  /** First tokens' rows [b, D] → [b, D]. */
  pool(first: Tensor): Tensor {
    return tf.tanh(this.dense(first, 'bert.pooler.dense'));
  }

  /** The masked-LM head before its decoder: [n, D] → [n, D]. */
  transform(x: Tensor): Tensor {
    const at = 'cls.predictions.transform';
    return this.norm(gelu(this.dense(x, `${at}.dense`)), `${at}.LayerNorm`);
  }

  /** Dropout at a named site. */
  drop(x: Tensor, site: string): Tensor {
    const rate = this.config.hiddenDropoutProb;
    return dropout(x, this.keep(site, x.shape, rate), rate);
  }
}
