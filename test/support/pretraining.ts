import { newId, type RunBodyInput, type RunSpec, runConfig } from '@regatta/contracts';
import { RandomStream } from '@regatta/random';

const phrases = [
  'the captain mends his boat',
  'a sailor watches the northern wind',
  'my brother paints our harbour wall',
  'an old pilot sells charts and lamps',
  'the crew follows that bright star',
  'nobody remembers where they came from',
];
const times = ['at dawn', 'in winter', 'before a storm', 'every evening', 'after noon'];

/** Text in the normalised form: documents of simple sentences whose words tell one another, a function of the seed. */
export function sampleText(documents = 40, sentences = 12, seed = 7): string {
  const stream = new RandomStream({ seed, site: 'test.text' });
  let i = 0;
  const one = (list: string[]) => list[stream.integer(i++, list.length)];
  const document = () => Array.from({ length: sentences }, () => `${one(phrases)} ${one(times)}.`).join('\n');
  return `${Array.from({ length: documents }, document).join('\n\n')}\n`;
}

export type PretrainingBody = Extract<RunBodyInput, { task: 'bert-pretrain' }>;
type Sections = Partial<
  Pick<PretrainingBody, 'seed' | 'model' | 'tokenizer' | 'pretraining' | 'training' | 'optimizer' | 'distributed'>
>;

/** A small run of bert-debug with dropout on, over the data set with this hash. */
export function pretrainingSpec(datasetSha256: string, sections: Sections = {}): RunSpec {
  return {
    runId: newId(),
    config: runConfig.parse({
      task: 'bert-pretrain',
      dataset: 'sample',
      ...sections,
      model: { preset: 'bert-debug', ...sections.model },
      tokenizer: { vocabSize: 200, ...sections.tokenizer },
      training: {
        maxSteps: 12,
        globalBatchSize: 16,
        maxLength: 24,
        evaluateEvery: 5,
        checkpointEvery: 4,
        ...sections.training,
      },
      optimizer: { learningRate: 3e-3, warmupSteps: 3, ...sections.optimizer },
    }),
    dataset: { id: newId(), name: 'sample', version: 1, sha256: datasetSha256, kind: 'text' },
    base: null,
    createdAt: new Date().toISOString(),
  };
}
