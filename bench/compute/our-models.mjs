import {
  bertHeadParameters,
  bertHeadTraining,
  bertPretraining,
  bertPretrainingParameters,
  seq2seqModel,
  transformerModel,
} from '@regatta/models';

/**
 * Our model of each task of job.mjs: its parameters, its training graph for one shard, how a shard's part of the batch is placed, and the loss
 * (the shards' sum is the batch's) of its sums.
 */
export const models = { pretrain, classify, transformer: translate, gru: translate };

/** Rows of the batch that belong to a shard. */
function cut({ shape, shards }, shard) {
  const size = shape.batch / shards;
  const first = shard * size;
  const rows = (values, width = 1) => values.slice(first * width, (first + size) * width);
  return { size, rows };
}

const withDropout = ({ config, dropout }) => ({
  ...config,
  hiddenDropoutProb: dropout,
  attentionProbsDropoutProb: dropout,
});

function pretrain(job) {
  const { shape, shards, data } = job;
  const model = withDropout(job);
  const masked = data.positions.flat().length;
  return {
    parameters: bertPretrainingParameters(model),
    train: bertPretraining(model, { ...shape, batch: shape.batch / shards }),
    place(train, inputs, shard) {
      const { size, rows } = cut(job, shard);
      const batch = {
        inputIds: Int32Array.from(rows(data.ids, shape.length)),
        tokenTypeIds: Int32Array.from(rows(data.segments, shape.length)),
        attentionMask: Int32Array.from(rows(data.attention, shape.length)),
        maskedPositions: rows(data.positions),
        labels: rows(data.labels),
        nextSentenceLabels: Int32Array.from(rows(data.next)),
        weights: new Float32Array(size).fill(1),
      };
      train.place(batch, inputs, { mlm: 1 / masked, nsp: 1 / shape.batch });
    },
    loss: (sums) => sums.mlmLoss / masked + sums.nspLoss / shape.batch,
  };
}

function classify(job) {
  const { shape, shards, data } = job;
  const model = withDropout(job);
  const head = { kind: 'sequence-classification', labels: 2 };
  return {
    parameters: bertHeadParameters(model, head),
    train: bertHeadTraining(model, head, { batch: shape.batch / shards, length: shape.length }),
    place(train, inputs, shard) {
      const { size, rows } = cut(job, shard);
      const batch = {
        inputIds: Int32Array.from(rows(data.ids, shape.length)),
        tokenTypeIds: Int32Array.from(rows(data.segments, shape.length)),
        attentionMask: Int32Array.from(rows(data.attention, shape.length)),
        weights: new Float32Array(size).fill(1),
        labels: Int32Array.from(rows(data.next)),
      };
      train.place(batch, inputs, 1 / shape.batch);
    },
    loss: (sums) => sums.loss / shape.batch,
  };
}

function translate(job) {
  const { task, config, shape, shards, data, dropout } = job;
  const { vocabulary, ...sizes } = config;
  const vocabularies = { source: vocabulary, target: vocabulary };
  const model =
    task === 'gru'
      ? seq2seqModel({ ...sizes, architecture: 'seq2seq-attention', dropout }, vocabularies)
      : transformerModel({ ...sizes, dropout }, vocabularies);
  const { batch, length } = shape;
  const count = data.weights.reduce((sum, weight) => sum + weight, 0);
  return {
    parameters: model.parameters,
    std: 1 / Math.sqrt(config.hiddenSize),
    train: model.train({ batch: batch / shards, sourceLength: length, targetLength: length }),
    place(train, inputs, shard) {
      const { size, rows } = cut(job, shard);
      const part = {
        sourceIds: Int32Array.from(rows(data.source, length)),
        sourceLengths: new Int32Array(size).fill(length),
        targetInputIds: Int32Array.from(rows(data.target, length)),
        targetIds: Int32Array.from(rows(data.said, length)),
        weights: Float32Array.from(rows(data.weights, length)),
      };
      train.place(part, inputs, 1 / count);
    },
    loss: (sums) => sums.loss / count,
  };
}
