import { publishedFiles, publishedModel } from '../published-model.mjs';
import { above, baseline, finetune, fromScratch, percent, pretrained, value } from './recipes.mjs';

/** Of a published base all but the two upper layers, the pooler and the head: a step takes 0.4 of what it takes with all that learns. */
const lowerLayers = ['embeddings', 'encoder.0', 'encoder.1', 'encoder.2', 'encoder.3'];

/** Scratch, frozen and tuned, from our own base: it is small enough to train from scratch beside it. */
async function howMuchOfTheBase(laboratory) {
  const base = (await pretrained(laboratory)).model;
  const train = (name, model) =>
    laboratory.train(
      finetune(name, 'brown-imaginative', { hiddenDropoutProb: 0.2, ...model }, 600, { maxLength: 128 }, 4e-4),
    );
  const accuracies = {
    'fine-tuned': await train('imaginative-tuned', { base }),
    'frozen features': await train('imaginative-features', { base, freeze: ['embeddings', 'encoder'] }),
    'from scratch': await train('imaginative-scratch', fromScratch),
  };
  const order = Object.entries(accuracies)
    .map(([what, run]) => [what, value(run, 'accuracy')])
    .sort(([, a], [, b]) => a - b);
  return {
    what: 'how much of our own bert-tiny is used, informative or imaginative',
    target: 'fine-tuned is best',
    reached: order.map(([what, accuracy]) => `${what} ${percent(accuracy)}`).join(' < '),
    ok: order.at(-1)[0] === 'fine-tuned',
  };
}

export const classification = {
  group: 'classification',
  task: 'sequence classification, Brown genre',
  async measure(laboratory) {
    const published = await laboratory.importModel('all-MiniLM-L6-v2', publishedModel(), publishedFiles);
    const upper = (name, dataset, steps, learningRate) =>
      laboratory.train(
        finetune(name, dataset, { base: published.id, freeze: lowerLayers }, steps, { maxLength: 128 }, learningRate),
      );
    const kinds = await upper('imaginative-minilm', 'brown-imaginative', 120, 5e-4);
    const genres = await upper('genre-minilm', 'brown-genre', 240, 2e-4);
    return [
      above('informative or imaginative, from all-MiniLM-L6-v2', value(kinds, 'accuracy'), baseline(kinds, 'accuracy')),
      above('all 15 genres, from all-MiniLM-L6-v2', value(genres, 'accuracy'), baseline(genres, 'accuracy')),
      await howMuchOfTheBase(laboratory),
    ];
  },
};
