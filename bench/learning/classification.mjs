import { publishedFiles, publishedModel } from '../published-model.mjs';
import { genrePassages } from './data.mjs';
import { above, baseline, finetune, fromScratch, percent, pretrained, twoShards, value } from './recipes.mjs';

/** Of a published base what stays as it is: all but its upper layers (of 6), the pooler and the head. */
const lowerLayers = (count) => ['embeddings', ...Array.from({ length: count }, (_, i) => `encoder.${i}`)];

/** Words of a passage whose genre is to be told: of 80 words counting them says as much as MiniLM does (README.md). */
const genreWords = 20;

export const classification = {
  group: 'classification',
  task: 'sequence classification, Brown genre',
  async measure(laboratory) {
    const published = await laboratory.importModel('all-MiniLM-L6-v2', publishedModel(), publishedFiles);
    const tuned = (name, dataset, freeze, ...settings) =>
      laboratory.train({
        ...finetune(name, dataset, { base: published.id, freeze }, ...settings),
        distributed: twoShards,
      });
    const kinds = await tuned('imaginative-minilm', 'brown-imaginative', lowerLayers(4), 120, { maxLength: 128 }, 5e-4);
    const passages = await laboratory.upload(
      'bench-genres',
      'classification',
      'genres.jsonl',
      await genrePassages(genreWords),
    );
    const genres = await laboratory.train({
      ...finetune('genre-minilm', passages.id, { base: published.id, freeze: lowerLayers(2) }, 600, {}, 3e-4),
      finetuning: { layerDecay: 0.85 },
      distributed: twoShards,
    });
    return [
      above('informative or imaginative, from all-MiniLM-L6-v2', value(kinds, 'accuracy'), baseline(kinds, 'accuracy')),
      above(
        `all 15 genres, ${genreWords} words, from all-MiniLM-L6-v2`,
        value(genres, 'accuracy'),
        baseline(genres, 'accuracy'),
      ),
    ];
  },
};

/** Scratch, frozen and tuned, from our own base: it is small enough to train from scratch beside it. */
export const howMuchOfTheBase = {
  group: 'features',
  task: 'sequence classification, Brown genre',
  onlyByName: true,
  async measure(laboratory) {
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
    return [
      {
        what: 'how much of our own bert-tiny is used, informative or imaginative',
        target: 'fine-tuned is best',
        reached: order.map(([what, accuracy]) => `${what} ${percent(accuracy)}`).join(' < '),
        ok: order.at(-1)[0] === 'fine-tuned',
      },
    ];
  },
};
