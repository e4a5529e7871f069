/** The least that the held-out loss must be below the unigram floor, in nats. */
export const leastGain = 1.5;

/**
 * Small enough to learn in five minutes on two cores, and measured (docs/decisions/0005): a post-norm BERT sits on the unigram
 * plateau until attention wakes. Initial weights of 0.05 are for a width of 128 what 0.02 is for BERT's 768; beta2 0.98 forgets
 * the large gradients of the first steps sooner; dropout or a higher rate would delay the waking beyond the demo's time. Four
 * shards are a fifth faster than eight.
 */
export const demoRun = {
  name: 'Demo: BERT learns English',
  tags: ['demo'],
  task: 'bert-pretrain',
  dataset: 'brown',
  model: { preset: 'bert-tiny', hiddenDropoutProb: 0, attentionProbsDropoutProb: 0, initializerRange: 0.05 },
  tokenizer: { vocabSize: 4000 },
  training: { maxSteps: 1800, globalBatchSize: 96, maxLength: 64, evaluateEvery: 200, checkpointEvery: 200 },
  optimizer: { learningRate: 2.5e-3, warmupSteps: 100, beta2: 0.98 },
  distributed: { minWorkers: 1, maxWorkers: 4, logicalShards: 4 },
};

const sentences = [
  'the president of the united [MASK] said',
  'one of the [MASK] important things',
  'he was born in new [MASK] city',
  'at the end of the [MASK] century',
  'she looked at [MASK] and smiled .',
];

/**
 * What a completed demo run has learnt, beside what guessing by frequency alone would reach.
 * @param {{metrics: Record<string, number | null>}} run
 * @returns {{lines: string[], learnt: boolean}}
 */
export function verdict({ metrics }) {
  const mlm = metrics['validation.mlm.loss'];
  const floor = metrics['validation.baseline.mlm.loss'];
  const nsp = metrics['validation.nsp.loss'];
  if (mlm == null || floor == null || nsp == null)
    return { learnt: false, lines: ['The run has no finite held-out losses: it did not learn.'] };
  const gain = floor - mlm;
  const ok = { mlm: gain >= leastGain, nsp: nsp < Math.LN2 };
  const mark = (good) => (good ? 'ok' : 'NOT reached');
  return {
    learnt: ok.mlm && ok.nsp,
    lines: [
      'On held-out text, which it has never seen:',
      `  masked words    ${mlm.toFixed(3)} nats; by word frequency alone ${floor.toFixed(3)}: ` +
        `${gain.toFixed(3)} better (at least ${leastGain}: ${mark(ok.mlm)})`,
      `  next sentence   ${nsp.toFixed(3)} nats; by guessing ${Math.LN2.toFixed(3)} (below it: ${mark(ok.nsp)})`,
    ],
  };
}

/** Asks the model just trained for the words it would put in some gaps. */
export async function fillMasks(client, modelId) {
  const { data } = await client.POST('/api/v1/models/{id}/predict', {
    params: { path: { id: modelId } },
    body: { inputs: sentences, topK: 3 },
  });
  return sentences.map((sentence, i) => {
    const words = data.results[i][0].map(({ token, score }) => `${token} ${Math.round(score * 100)} %`);
    return `  ${sentence.padEnd(42)} ${words.join(', ')}`;
  });
}
