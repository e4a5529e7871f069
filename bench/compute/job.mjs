/** The step that is measured: sizes, and one batch for both sides (random tokens, 15 % masked, some padding, two segments). */
const sizes = {
  tiny: { layers: 2, hidden: 128, heads: 2, vocabulary: 4000, batch: 12, length: 64, masked: 10 },
  mini: { layers: 4, hidden: 256, heads: 4, vocabulary: 8000, batch: 16, length: 128, masked: 19 },
};

export function makeJob(size, { threads, dropout }) {
  const { layers, hidden, heads, vocabulary, batch, length, masked } = sizes[size];
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
  const random = numbers(1);
  const integer = (n) => Math.floor(random() * n);
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
  return { config, shape: { batch, length, slots: masked }, threads, dropout, data };
}

/** Mulberry32: the same batch at every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
