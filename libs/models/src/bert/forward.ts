// The whole pretraining model without a loss: B sequences, T tokens, D hidden size, H heads, V vocabulary.
import { type ForwardFunction, type InputSpec, linear } from '@regatta/engine/ops';
import type { BertConfig } from '../shapes/bert.js';
import { batchFirst, encode, type ForwardShape, firstRows, forwardInputs, stack } from './encode.js';
import { BertLayers } from './layers.js';

/**
 * BERT's outputs for inputs `ids`, `segments`, `mask` (1 for a token, 0 for padding), all int32 [B · T], sequence after sequence:
 * `lastHiddenState` [B, T, D]; `hiddenStates` [L + 1, B, T, D], embeddings first; `pooled` [B, D]; `predictionLogits` [B, T, V];
 * `seqRelationshipLogits` [B, 2]; with `attention`, `attentions` [L, B, H, T, T].
 */
export function bertForward(
  config: BertConfig,
  shape: ForwardShape,
  { attention = false } = {},
): { inputs: InputSpec[]; model: ForwardFunction } {
  const { hiddenSize, numHiddenLayers: count, numAttentionHeads: heads, vocabSize } = config;
  const model: ForwardFunction = (p, x) => {
    const layers = new BertLayers(p, config, () => undefined);
    const { states, probabilities } = encode(layers, x, shape, { count, heads, attention });
    const last = states[count]; // (T · B, D)
    const pooled = layers.pool(firstRows(last, shape));
    const words = p['bert.embeddings.word_embeddings.weight'];
    const logits = linear(layers.transform(last), words, p['cls.predictions.bias'], { outIn: true });
    const related = linear(pooled, p['cls.seq_relationship.weight'], p['cls.seq_relationship.bias'], { outIn: true });
    return {
      lastHiddenState: batchFirst(last, shape, hiddenSize),
      hiddenStates: stack(states.map((state) => batchFirst(state, shape, hiddenSize))),
      pooled,
      predictionLogits: batchFirst(logits, shape, vocabSize),
      seqRelationshipLogits: related,
      ...(attention && { attentions: stack(probabilities) }),
    };
  };
  return { inputs: forwardInputs(shape), model };
}
