import { newId, type RunBodyInput, type RunSpec, runConfig, type TranslationExample } from '@regatta/contracts';
import { RandomStream } from '@regatta/random';
import { writeExample } from '@regatta/text';

const subjects = ['the captain', 'a sailor', 'my brother', 'an old pilot', 'the crew'];
const verbs = ['mends', 'watches', 'paints', 'follows'];
const objects = ['his boat', 'the wind', 'our wall', 'that star', 'a lamp'];
const times = ['at dawn', 'in winter', 'before a storm', ''];

/** A made-up language: other words (each spelled backwards), the verb at the end. */
const foreign = (text: string): string =>
  text
    .split(' ')
    .map((word) => [...word].reverse().join(''))
    .join(' ');

/** Distinct pairs of a small grammar and a made-up language that moves the verb, a function of the seed. */
export function samplePairs(count: number, seed = 7): TranslationExample[] {
  const all = subjects.flatMap((subject) =>
    verbs.flatMap((verb) => objects.flatMap((object) => times.map((time) => [subject, verb, object, time]))),
  );
  const order = new RandomStream({ seed, site: 'test.pairs' }).permutation(all.length);
  return Array.from(order.subarray(0, count), (i) => {
    const [subject, verb, object, time] = all[i];
    const source = [subject, verb, object, time].filter(Boolean).join(' ');
    const target = [time, subject, object, verb].filter(Boolean).map(foreign).join(' ');
    return { source, target, split: null };
  });
}

export const pairsFile = (pairs: readonly TranslationExample[]): Buffer =>
  Buffer.from(pairs.map((pair) => writeExample(pair)).join(''));

type Body = Extract<RunBodyInput, { task: 'translate' }>;
export type TranslateSections = Partial<Pick<Body, 'seed' | 'model' | 'tokenizer' | 'translation' | 'training'>> &
  Partial<Pick<Body, 'optimizer' | 'distributed'>>;

/** A small run of the preset debug with dropout on, over the data set with this hash. */
export function translationSpec(datasetSha256: string, sections: TranslateSections = {}): RunSpec {
  return {
    runId: newId(),
    config: runConfig.parse({
      task: 'translate',
      dataset: 'sample',
      ...sections,
      model: { preset: 'debug', ...sections.model },
      tokenizer: { type: 'words', vocabSize: 200, ...sections.tokenizer },
      training: {
        maxSteps: 12,
        globalBatchSize: 16,
        maxLength: 16,
        evaluateEvery: 6,
        checkpointEvery: 6,
        ...sections.training,
      },
      optimizer: { learningRate: 3e-3, warmupSteps: 3, ...sections.optimizer },
    }),
    dataset: { id: newId(), name: 'sample', version: 1, sha256: datasetSha256, kind: 'translation' },
    base: null,
    createdAt: new Date().toISOString(),
  };
}
