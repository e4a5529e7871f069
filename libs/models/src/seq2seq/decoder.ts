// B batch, S source tokens, T target tokens, H width, L layers; rows time-major.
import { linear, stepLinear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import { additiveScores, attentionPooling, project } from '../attention/scoring.js';
import type { Seq2SeqConfig } from './config.js';
import type { Encoded } from './encoder.js';
import { type Drop, type GruLayer, gruStack, type Weights } from './gru.js';

type Tensor = tf.Tensor;

/** What every step of a decoder sees of the source. */
export type Memory = { context: Tensor } | { keys: Tensor; values: Tensor };

/** Memory of an encoded source: its last state [B, H], or keys (projected once) and values [B, S, H]. */
export function memoryOf(
  p: Weights,
  { architecture }: Seq2SeqConfig,
  { outputs, states }: Encoded,
  batch: number,
): Memory {
  if (architecture === 'seq2seq-gru') return { context: states[states.length - 1] };
  const values = tf.transpose(tf.reshape(outputs, [-1, batch, outputs.shape[1] as number]), [1, 0, 2]);
  return { keys: project(values, p['decoder.attention.W_k.weight']), values };
}

/**
 * The decoder's steps over one memory. Its input at each step is context ⊕ embedding; the two halves of the first layer's input weights are
 * applied apart, so that the embeddings' products are one outside the recurrence, and a fixed context's is one for all steps.
 */
export class Decoder {
  private readonly layers: GruLayer[];
  private readonly ofContext: Tensor;
  private readonly ofEmbedding: Tensor;

  /** mask [B, 1, S], 1 for a source token. */
  constructor(
    private readonly p: Weights,
    { hiddenSize, numHiddenLayers }: Seq2SeqConfig,
    private readonly memory: Memory,
    private readonly mask: Tensor,
  ) {
    this.layers = gruStack(p, 'decoder.rnn', numHiddenLayers);
    [this.ofContext, this.ofEmbedding] = tf.split(p['decoder.rnn.weight_ih_l0'], [hiddenSize, hiddenSize], 0);
  }

  /** The last layer's states [T · B, H] for embedded inputs [T · B, H], from the encoder's states. */
  over(embedded: Tensor, states: readonly Tensor[], drop: Drop): Tensor {
    const fromEmbedded = this.fromEmbedded(embedded);
    return 'context' in this.memory
      ? this.layerByLayer(fromEmbedded, this.memory.context, states, drop)
      : this.stepByStep(fromEmbedded, states, drop);
  }

  /** With a fixed context, [B, H], every layer's input products are made for all steps at once. */
  private layerByLayer(fromEmbedded: Tensor, context: Tensor, states: readonly Tensor[], drop: Drop): Tensor {
    const batch = context.shape[0];
    const fromContext = stepLinear(context, this.ofContext); // [B, 3 H], the same at every step
    const sum = tf.add(tf.reshape(fromEmbedded, [-1, batch, fromContext.shape[1] as number]), fromContext);
    let y = this.layers[0].over(tf.reshape(sum, fromEmbedded.shape), states[0]).states;
    for (const [l, layer] of this.layers.entries()) {
      if (l > 0) y = layer.over(layer.fromInputs(drop(y, `decoder.layer.${l - 1}`)), states[l]).states;
    }
    return y;
  }

  /** With attention, a step's context comes from the step before. */
  private stepByStep(fromEmbedded: Tensor, states: readonly Tensor[], drop: Drop): Tensor {
    let now = states;
    const last: Tensor[] = [];
    for (const [t, part] of tf.split(fromEmbedded, fromEmbedded.shape[0] / states[0].shape[0], 0).entries()) {
      now = this.step(part, now, (x, site) => drop(x, `${site}/${t}`)).states;
      last.push(now[now.length - 1]);
    }
    return tf.concat(last, 0);
  }

  /** What embedded inputs [n, H] add to the first layer's gates, [n, 3 H]. */
  fromEmbedded(embedded: Tensor): Tensor {
    return linear(embedded, this.ofEmbedding, this.p['decoder.rnn.bias_ih_l0']);
  }

  /** One step from its embedding's part [B, 3 H] and all layers' states; with attention also its weights [B, 1, S]. */
  step(fromEmbedded: Tensor, states: readonly Tensor[], drop: Drop): { states: Tensor[]; weights?: Tensor } {
    const { context, weights } = this.look(states[states.length - 1]);
    const next: Tensor[] = [];
    for (const [l, layer] of this.layers.entries()) {
      const input =
        l === 0
          ? tf.add(fromEmbedded, stepLinear(context, this.ofContext))
          : layer.fromInputs(drop(next[l - 1], `decoder.layer.${l - 1}`));
      next.push(layer.step(input, states[l]));
    }
    return { states: next, weights };
  }

  /** The context [B, H] for a query [B, H]: the decoder's last layer's state before the step. */
  private look(query: Tensor): { context: Tensor; weights?: Tensor } {
    const { memory, p, mask } = this;
    if ('context' in memory) return { context: memory.context };
    const [batch, width] = query.shape;
    const asked = tf.reshape(stepLinear(query, p['decoder.attention.W_q.weight']), [batch, 1, width as number]);
    const scores = additiveScores(asked, memory.keys, p['decoder.attention.w_v.weight']);
    const { output, weights } = attentionPooling(scores, memory.values, { mask });
    return { context: tf.reshape(output, [batch, width as number]), weights };
  }
}
