// A fine-tuned BERT without a loss: B sequences, T tokens, D hidden size, H heads, L labels (1 for a regression).
import type { ForwardFunction, InputSpec } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from '../shapes/bert.js';
import { type BertHeadShape, isPooled, outputLayerOf, outputsOf } from '../shapes/bert-heads.js';
import { additiveMask, batchFirst, encode, type ForwardShape, firstRows, forwardInputs, stack } from './encode.js';
import { BertLayers, type Weights } from './layers.js';

type Tensor = tf.Tensor;

export interface HeadForwardOptions {
  /** Adds `attentions` [layers, B, H, T, T]. */
  attention?: boolean;
  /** Adds `hiddenStates` [layers + 1, B, T, D], embeddings first. */
  hiddenStates?: boolean;
}

/**
 * Outputs for inputs `ids`, `segments`, `mask` (1 for a token, 0 for padding), all int32 [B · T], sequence after sequence:
 * `logits` [B, L] of a pooled head, [B, T, L] of token classification, `startLogits` and `endLogits` [B, T] of question answering (on padding
 * too, as in transformers: whoever reads them leaves it out). A `head` of null is BertModel: its `hiddenStates` alone.
 */
export function bertHeadForward(
  config: BertConfig,
  head: BertHeadShape | null,
  shape: ForwardShape,
  options: HeadForwardOptions = {},
): { inputs: InputSpec[]; model: ForwardFunction } {
  const { attention = false, hiddenStates = head === null } = options;
  const { hiddenSize, numHiddenLayers, numAttentionHeads: heads } = config;
  // where nothing else is asked for, only the rows of [CLS] pass the last layer's row-wise half
  const onlyFirst = head !== null && isPooled(head) && !attention && !hiddenStates;
  const model: ForwardFunction = (p, x) => {
    const layers = new BertLayers(p, config, () => undefined);
    const count = onlyFirst ? numHiddenLayers - 1 : numHiddenLayers;
    const { states, probabilities } = encode(layers, x, shape, { count, heads, attention });
    const read = onlyFirst ? lastOfFirst(layers, states[count], x, count, shape) : states[count];
    return {
      ...(head !== null && outputs(layers, head, read, shape)),
      ...(hiddenStates && { hiddenStates: stack(states.map((state) => batchFirst(state, shape, hiddenSize))) }),
      ...(attention && { attentions: stack(probabilities) }),
    };
  };
  return { inputs: forwardInputs(shape), model };
}

/** Layer l, the last, for the first tokens alone: y [T · B, D] → [B, D]. */
function lastOfFirst(layers: BertLayers, y: Tensor, x: Weights, l: number, shape: ForwardShape): Tensor {
  const first = firstRows(y, shape);
  return layers.rowWise(first, layers.attend(first, y, additiveMask(x.mask, shape), l, shape.batch, ''), l, '');
}

function outputs(layers: BertLayers, head: BertHeadShape, read: Tensor, shape: ForwardShape): Record<string, Tensor> {
  const { batch, length } = shape;
  const layer = outputLayerOf(head);
  if (isPooled(head)) {
    const first = read.shape[0] === batch ? read : firstRows(read, shape);
    return { logits: layers.dense(layers.pool(first), layer, true) };
  }
  const logits = batchFirst(layers.dense(read, layer, true), shape, outputsOf(head));
  if (head.kind === 'token-classification') return { logits };
  const [start, end] = tf.split(logits, 2, 2).map((part) => tf.reshape(part, [batch, length]));
  return { startLogits: start, endLogits: end };
}
