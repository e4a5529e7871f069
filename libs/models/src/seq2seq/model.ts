// B batch, S source tokens, T target tokens, H width, L layers; rows time-major inside, batch first outside.
import { decoderCrossEntropy, embedding, type InputSpec, linear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Stage, TranslationModel, TranslationShape, Vocabularies } from '../translation.js';
import { type Seq2SeqConfig, seq2seqParameters } from './config.js';
import { Decoder, type Memory, memoryOf } from './decoder.js';
import { encode } from './encoder.js';
import { dropAt, type Weights } from './gru.js';
import { placeTranslation } from './place.js';

type Tensor = tf.Tensor;

const noDrop = (x: Tensor): Tensor => x;
const float = (name: string, shape: number[]): InputSpec => ({ name, shape, dtype: 'float32' });
const integer = (name: string, size: number): InputSpec => ({ name, shape: [size], dtype: 'int32' });
const stateNames = (layers: number) => Array.from({ length: layers }, (_, l) => `state.h.${l}`);

/** The output layer's weight [V, H] and bias [V]. */
const outputLayer = (p: Weights, { tieEmbeddings }: Seq2SeqConfig) => ({
  w: p[tieEmbeddings ? 'decoder.embedding.weight' : 'decoder.dense.weight'],
  b: p['decoder.dense.bias'],
});

/** A recurrent translation model: see TranslationModel. */
export function seq2seqModel(config: Seq2SeqConfig, vocabularies: Vocabularies): TranslationModel {
  return {
    parameters: seq2seqParameters(config, vocabularies),
    train: (shape) => training(config, shape),
    encode: (shape) => encodeStage(config, shape),
    decode: (shape) => decodeStage(config, shape),
  };
}

function training(config: Seq2SeqConfig, shape: TranslationShape): ReturnType<TranslationModel['train']> {
  const { batch, sourceLength, targetLength } = shape;
  return {
    inputs: [
      integer('sourceIds', sourceLength * batch),
      float('sourceMask', [sourceLength * batch, 1]),
      float('keyMask', [batch, 1, sourceLength]),
      integer('targetInputIds', targetLength * batch),
      integer('targetIds', targetLength * batch),
      float('weights', [targetLength * batch]),
      float('scale', []),
    ],
    model: (p, x, keep) => {
      const drop = dropAt(keep, config.dropout);
      const encoded = encode(p, config, x.sourceIds, x.sourceMask, sourceLength, drop);
      const decoder = new Decoder(p, config, memoryOf(p, config, encoded, batch), x.keyMask);
      const embedded = drop(embedding(p['decoder.embedding.weight'], x.targetInputIds), 'decoder.embedding');
      const y = decoder.over(embedded, encoded.states, drop); // [T · B, H]
      const { w, b } = outputLayer(p, config);
      const sums = decoderCrossEntropy(y, w, b, x.targetIds, x.weights, { smoothing: config.labelSmoothing });
      return { loss: tf.mul(sums.loss, x.scale), sums: { ...sums } };
    },
    place: (data, inputs, scale) => placeTranslation(shape, data, inputs, scale),
  };
}

function encodeStage(config: Seq2SeqConfig, { batch, sourceLength }: { batch: number; sourceLength: number }): Stage {
  return {
    inputs: [integer('sourceIds', batch * sourceLength), float('sourceMask', [batch, sourceLength])],
    model: (p, x) => {
      const timeMajor = (t: Tensor) => tf.transpose(tf.reshape(t, [batch, sourceLength]), [1, 0]);
      const ids = tf.reshape(timeMajor(x.sourceIds), [sourceLength * batch]);
      const mask = tf.reshape(timeMajor(x.sourceMask), [sourceLength * batch, 1]);
      const encoded = encode(p, config, ids, mask, sourceLength, noDrop);
      const memory = memoryOf(p, config, encoded, batch);
      return {
        ...Object.fromEntries(Object.entries(memory).map(([name, t]) => [`memory.${name}`, t as Tensor])),
        ...Object.fromEntries(stateNames(config.numHiddenLayers).map((name, l) => [name, encoded.states[l]])),
      };
    },
  };
}

function decodeStage(config: Seq2SeqConfig, { batch, sourceLength }: { batch: number; sourceLength: number }): Stage {
  const { hiddenSize, numHiddenLayers, architecture } = config;
  const attends = architecture === 'seq2seq-attention';
  const names = stateNames(numHiddenLayers);
  return {
    inputs: [
      integer('tokenIds', batch),
      integer('position', batch),
      float('sourceMask', [batch, sourceLength]),
      ...(attends ? ['memory.keys', 'memory.values'] : ['memory.context']).map((name) =>
        float(name, attends ? [batch, sourceLength, hiddenSize] : [batch, hiddenSize]),
      ),
      ...names.map((name) => float(name, [batch, hiddenSize])),
    ],
    model: (p, x) => {
      const memory: Memory = attends
        ? { keys: x['memory.keys'], values: x['memory.values'] }
        : { context: x['memory.context'] };
      const decoder = new Decoder(p, config, memory, tf.reshape(x.sourceMask, [batch, 1, sourceLength]));
      const embedded = embedding(p['decoder.embedding.weight'], x.tokenIds);
      const states = names.map((name) => x[name]);
      const { states: next, weights } = decoder.step(decoder.fromEmbedded(embedded), states, noDrop);
      const { w, b } = outputLayer(p, config);
      return {
        logits: linear(next[numHiddenLayers - 1], w, b, { outIn: true }),
        ...(weights && { attention: weights }),
        ...Object.fromEntries(names.map((name, l) => [name, next[l]])),
      };
    },
  };
}
