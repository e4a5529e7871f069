/**
 * The steps that are measured: sizes, and one batch for both sides (random tokens). Pretraining has 15 % of its tokens masked, some padding and two
 * segments; translations have some padding on the target's side.
 */
const steps = {
  tiny: { task: 'pretrain', layers: 2, hidden: 128, heads: 2, vocabulary: 4000, batch: 12, length: 64, masked: 10 },
  mini: { task: 'pretrain', layers: 4, hidden: 256, heads: 4, vocabulary: 8000, batch: 16, length: 128, masked: 19 },
  classify: { task: 'classify', layers: 4, hidden: 256, heads: 4, vocabulary: 8000, batch: 16, length: 128, masked: 0 },
  transformer: { task: 'transformer', layers: 3, hidden: 256, heads: 4, vocabulary: 8000, batch: 32, length: 32 },
  gru: { task: 'gru', layers: 2, hidden: 256, vocabulary: 8000, batch: 32, length: 32 },
};

/** @param {keyof typeof steps} size `sizes` changes some of its sizes; `shards`: into how many gradients our step is cut */
export function makeJob(size, { threads, dropout, shards = 1, sizes = {} }) {
  const step = { ...steps[size], ...sizes };
  const { config, data } = step.task === 'transformer' || step.task === 'gru' ? translation(step) : bert(step);
  const { batch, length, masked } = step;
  return { task: step.task, config, shape: { batch, length, slots: masked }, threads, dropout, shards, data };
}

function bert({ layers, hidden, heads, vocabulary, batch, length, masked }) {
  const config = {
    vocabSize: vocabulary,
    hiddenSize: hidden,
    numHiddenLayers: layers,
    numAttentionHeads: heads,
    intermediateSize: 4 * hidden,
    maxPositionEmbeddings: length,
    typeVocabSize: 2,
    layerNormEps: 1e-12,
    initializerRange: 0.02,
  };
  const integer = integers(1);
  const sequences = Array.from({ length: batch }, (_, b) => b);
  const tokens = Array.from({ length: batch * length }, (_, i) => ({ b: Math.floor(i / length), t: i % length }));
  const ends = sequences.map((b) => length - (b % 8));
  const positions = ends.map((end) => {
    const free = Array.from({ length: end - 1 }, (_, t) => t + 1);
    return Array.from({ length: masked }, () => free.splice(integer(free.length), 1)[0]);
  });
  const data = {
    ids: tokens.map(() => integer(vocabulary)),
    segments: tokens.map(({ t }) => (t < length / 2 ? 0 : 1)),
    attention: tokens.map(({ b, t }) => (t < ends[b] ? 1 : 0)),
    positions,
    labels: positions.map((row) => row.map(() => integer(vocabulary))),
    next: sequences.map(() => integer(2)),
  };
  return { config, data };
}

/** The sources are of one length: PyTorch's nn.GRU is fastest without packing. */
function translation({ layers, hidden, heads, vocabulary, batch, length }) {
  const config = {
    hiddenSize: hidden,
    numHiddenLayers: layers,
    numAttentionHeads: heads,
    intermediateSize: 4 * hidden,
    positions: 'sinusoidal',
    norm: 'post',
    activation: 'relu',
    tieEmbeddings: true,
    labelSmoothing: 0.1,
    maxPositionEmbeddings: length,
    vocabulary,
  };
  const integer = integers(1);
  const tokens = Array.from({ length: batch * length }, (_, i) => i);
  const data = {
    source: tokens.map(() => integer(vocabulary)),
    target: tokens.map(() => integer(vocabulary)),
    said: tokens.map(() => integer(vocabulary)),
    weights: tokens.map((i) => (i % length < length - (Math.floor(i / length) % 8) ? 1 : 0)),
  };
  return { config, data };
}

/** Mulberry32: the same batch at every run. */
function integers(seed) {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}
