// Parts of a forward pass, for those who need no more: B sequences, T tokens, D hidden size, S slots, V vocabulary.
import { embedding, type ForwardFunction, type InputSpec, linear } from '@regatta/engine/ops';
import type { BertConfig } from '../shapes/bert.js';
import { batchFirst, encode, type ForwardShape, forwardInputs } from './encode.js';
import { BertLayers, type Weights } from './layers.js';

interface Stage {
  inputs: InputSpec[];
  model: ForwardFunction;
}

/** The last layer's rows, [T · B, D]. */
function lastRows(config: BertConfig, p: Weights, x: Weights, shape: ForwardShape) {
  const { numHiddenLayers: count, numAttentionHeads: heads } = config;
  const layers = new BertLayers(p, config, () => undefined);
  return { layers, last: encode(layers, x, shape, { count, heads, attention: false }).states[count] };
}

/** The encoder alone, whatever head stands on it: `lastHiddenState` [B, T, D], of bertForward's inputs. */
export function bertEncoder(config: BertConfig, shape: ForwardShape): Stage {
  return {
    inputs: forwardInputs(shape),
    model: (p, x) => ({ lastHiddenState: batchFirst(lastRows(config, p, x, shape).last, shape, config.hiddenSize) }),
  };
}

/**
 * `maskedLogits` [S, V] of the tokens that the input `rows` (int32 [S], t · B + b) names, with the other inputs of bertForward: the
 * vocabulary's product, most of a short text's work, is made for these alone.
 */
export function bertMaskedLogits(config: BertConfig, shape: ForwardShape & { slots: number }): Stage {
  const model: ForwardFunction = (p, x) => {
    const { layers, last } = lastRows(config, p, x, shape);
    const read = layers.transform(embedding(last, x.rows)); // (S, D)
    const words = p['bert.embeddings.word_embeddings.weight'];
    return { maskedLogits: linear(read, words, p['cls.predictions.bias'], { outIn: true }) };
  };
  return { inputs: [...forwardInputs(shape), { name: 'rows', shape: [shape.slots], dtype: 'int32' }], model };
}
