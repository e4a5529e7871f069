import { demoRun, leastGain } from '../../tools/demo-run.mjs';
import { classification, howMuchOfTheBase } from './classification.mjs';
import { messagePairs, questionsAndAnswers } from './data.mjs';
import { besidePyTorch } from './pytorch.mjs';
import { above, baseline, finetune, fromScratch, percent, pretrained, seldom, twoShards, value } from './recipes.mjs';

/**
 * bert-mini on the same text in single segments of half the length, more of it masked, and with a slow warm-up to a high rate: so it leaves the
 * unigram plateau in a third of the steps (README.md). 0.035 is for a width of 256 what 0.05 is for 128 (tools/demo-run.mjs).
 */
const pretrainedMini = (laboratory) =>
  laboratory.train({
    ...demoRun,
    name: 'pretrain-mini',
    model: { ...demoRun.model, preset: 'bert-mini', initializerRange: 0.035, maxPositionEmbeddings: 128 },
    pretraining: { nextSentence: false, maskProbability: 0.2 },
    training: { ...demoRun.training, maxSteps: 1200, globalBatchSize: 128, maxLength: 32 },
    optimizer: { ...demoRun.optimizer, learningRate: 2e-3, warmupSteps: 500 },
    distributed: twoShards,
  });

/** Where a pretrained base shows most. */
const early = 300;

const translation = (architecture, dataset, maxSteps, more = {}) => ({
  name: `${architecture} on ${dataset}, ${maxSteps} steps`,
  task: 'translate',
  dataset,
  model: { architecture, ...more.model },
  tokenizer: { type: 'bpe', vocabSize: 1500 },
  translation: more.translation ?? {},
  training: { maxSteps, validationFraction: 0.096, ...seldom, ...more.training },
  optimizer: more.optimizer ?? {},
  distributed: twoShards,
});

/** Of both recurrent models: twice the task's default, chosen on messages-de (bench/README.md). */
const recurrent = { optimizer: { learningRate: 4e-3 } };
const recurrentSteps = 1000;

/** Tokens from which on a source counts as long. */
const long = 20;

/** Mean BLEU of the buckets of long sources, by their examples. */
async function longSources(laboratory, run) {
  const buckets = (await laboratory.samples(run, 'by-length')).filter(({ from }) => from >= long);
  const examples = buckets.reduce((sum, bucket) => sum + bucket.examples, 0);
  return buckets.reduce((sum, bucket) => sum + bucket.bleu * bucket.examples, 0) / examples;
}

/**
 * The rows of the table, in an order in which a later one may start from an earlier one's model. `measure` gives a line for each target:
 * what it says, the target, what was reached, the trivial baseline on the same examples, and whether the target is reached.
 */
export const rows = [
  {
    group: 'pretrain',
    task: 'BERT pretraining, bert-tiny, Brown',
    async measure(laboratory) {
      const run = await pretrained(laboratory);
      const [mlm, floor, nsp] = [value(run, 'mlm.loss'), baseline(run, 'mlm.loss'), value(run, 'nsp.loss')];
      return [
        {
          what: 'masked loss, nats',
          target: `≤ ${(floor - leastGain).toFixed(3)}`,
          reached: mlm.toFixed(3),
          baseline: floor.toFixed(3),
          ok: mlm <= floor - leastGain,
        },
        {
          what: 'next sentence, nats',
          target: '< 0.693',
          reached: nsp.toFixed(3),
          baseline: '0.693',
          ok: nsp < Math.LN2,
        },
      ];
    },
  },
  besidePyTorch('pytorch-tiny', 'bert-tiny', pretrained),
  besidePyTorch('pytorch-mini', 'bert-mini', pretrainedMini),
  {
    group: 'tagging',
    task: 'token classification, Brown part of speech',
    async measure(laboratory) {
      const base = (await pretrained(laboratory)).model;
      const training = { evaluateEvery: early };
      const fresh = await laboratory.train(finetune('pos-scratch', 'brown-pos', fromScratch, 1500, training));
      const tuned = await laboratory.train(finetune('pos-tuned', 'brown-pos', { base }, 1500, training));
      const [reached, unigram] = [value(tuned, 'accuracy'), baseline(tuned, 'accuracy')];
      const lines = [
        {
          ...above('accuracy', reached, unigram),
          target: '≥ 93 % and above',
          ok: reached >= 0.93 && reached > unigram,
        },
      ];
      for (const step of [early, 1500]) {
        const [base, scratch] = [
          await laboratory.metricAt(tuned, 'validation.accuracy', step),
          await laboratory.metricAt(fresh, 'validation.accuracy', step),
        ];
        lines.push({
          what: `from the pretrained base, after ${step} steps`,
          target: 'higher than from scratch',
          reached: percent(base),
          baseline: `scratch ${percent(scratch)}`,
          ok: base > scratch,
        });
      }
      return lines;
    },
  },
  classification,
  howMuchOfTheBase,
  {
    group: 'questions',
    task: 'question answering, generated SQuAD file',
    async measure(laboratory) {
      const dataset = await laboratory.upload(
        'bench-questions',
        'question-answering',
        'train.json',
        questionsAndAnswers(64),
      );
      const run = await laboratory.train({
        ...finetune(
          'questions',
          dataset.id,
          { ...fromScratch, hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 },
          600,
        ),
      });
      const metrics = await laboratory.evaluate(run, dataset.id);
      const { exactMatch } = metrics;
      return [
        {
          what: 'exact match on the set it overfits',
          target: '100 %',
          reached: percent(exactMatch),
          ok: exactMatch === 1,
        },
      ];
    },
  },
  {
    group: 'translate',
    task: 'translation, messages-fr',
    async measure(laboratory) {
      const best = await laboratory.train(translation('transformer', 'messages-fr', 2000));
      const attention = await laboratory.train(
        translation('seq2seq-attention', 'messages-fr', recurrentSteps, recurrent),
      );
      const plain = await laboratory.train(translation('seq2seq-gru', 'messages-fr', recurrentSteps, recurrent));
      const show = (x) => x.toFixed(1);
      const [longAttention, longPlain] = [
        await longSources(laboratory, attention),
        await longSources(laboratory, plain),
      ];
      const line = (what, run) => ({ what, reached: show(value(run, 'bleu')), baseline: show(baseline(run, 'bleu')) });
      return [
        above('transformer: BLEU', value(best, 'bleu'), baseline(best, 'bleu'), show),
        {
          ...line('GRU with attention: BLEU, at equal steps', attention),
          target: `above the GRU without (${show(value(plain, 'bleu'))})`,
          ok: value(attention, 'bleu') > value(plain, 'bleu'),
        },
        {
          what: `the same on sources of ${long} tokens and more: BLEU`,
          target: `above the GRU without (${show(longPlain)})`,
          reached: show(longAttention),
          ok: longAttention > longPlain,
        },
      ];
    },
  },
  {
    group: 'fit',
    task: 'translation, 300 lines until they fit',
    async measure(laboratory) {
      const dataset = await laboratory.upload('bench-300-lines', 'translation', 'train.tsv', await messagePairs(300));
      const lines = [];
      for (const [architecture, steps] of [
        ['transformer', 650],
        ['seq2seq-attention', 500],
        ['seq2seq-gru', 750],
      ]) {
        const more = {
          ...(architecture === 'transformer' ? {} : recurrent),
          model: { dropout: 0 },
          translation: { labelSmoothing: 0 },
          training: { validationFraction: 0.01 },
        };
        const run = await laboratory.train(translation(architecture, dataset.id, steps, more));
        const { exactMatch } = await laboratory.evaluate(run, dataset.id);
        lines.push({
          what: `${architecture}: exact`,
          target: '≥ 95 %',
          reached: percent(exactMatch),
          ok: exactMatch >= 0.95,
        });
      }
      return lines;
    },
  },
  {
    group: 'pretrain-mini',
    task: 'BERT pretraining, bert-mini, Brown',
    async measure(laboratory) {
      const tiny = value(await pretrained(laboratory), 'mlm.loss');
      const run = await pretrainedMini(laboratory);
      const mlm = value(run, 'mlm.loss');
      return [
        {
          what: 'masked loss, nats',
          target: `< ${tiny.toFixed(3)}, bert-tiny's`,
          reached: mlm.toFixed(3),
          baseline: baseline(run, 'mlm.loss').toFixed(3),
          ok: mlm < tiny,
        },
      ];
    },
  },
];
