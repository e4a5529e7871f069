import { type DatasetKind, newId, type RunBodyInput, type RunSpec, runConfig } from '@regatta/contracts';
import { RandomStream } from '@regatta/random';
import { type Example, writeExample } from '@regatta/text';

const animals = ['dog', 'heron', 'otter', 'cat'];
const fruits = ['apple', 'plum', 'quince', 'pear'];
const places = ['Köln', 'Oslo', 'São Paulo', 'Zürich'];
const verbs = ['likes', 'finds', 'carries', 'sees'];

/** Examples whose labels follow from their words: the kind of thing that is named, entities, an answer. A function of the seed. */
export function sampleExamples(kind: DatasetKind, count: number, seed = 5): Example[] {
  const stream = new RandomStream({ seed, site: 'test.examples' });
  let drawn = 0;
  const integer = (n: number) => stream.integer(drawn++, n);
  const one = (list: string[]) => list[integer(list.length)];
  const filler = () => Array.from({ length: integer(6) }, () => one(['very', 'old', 'the', 'some', 'grey']));
  const make = (i: number): Example => {
    const isAnimal = integer(2) === 1;
    const thing = one(isAnimal ? animals : fruits);
    const text = [...filler(), thing, one(verbs), ...filler(), one(places), `no${i}`].join(' ');
    const split = null;
    switch (kind) {
      case 'classification':
        return { split, text, label: isAnimal ? 'animal' : 'fruit' };
      case 'pair-classification': {
        const other = one(isAnimal && integer(2) === 1 ? animals : fruits);
        return { split, text, textPair: `a ${other}`, label: animals.includes(other) === isAnimal ? 'same' : 'other' };
      }
      case 'regression':
        return { split, text, textPair: null, value: 10 + (isAnimal ? 1.5 : -1.5) };
      case 'tagging': {
        const tokens = text.split(' ').slice(0, -1);
        const tagOf = (token: string) =>
          places.join(' ').includes(token) ? 'B-LOC' : token === thing ? 'B-THING' : 'O';
        return { split, tokens, tags: tokens.map((token) => (token === 'Paulo' ? 'I-LOC' : tagOf(token))) };
      }
      default: {
        const place = one(places);
        const context = `${filler().join(' ')} ${thing} lives in ${place} with ${one(animals)} ${filler().join(' ')} no${i}.`;
        const answers = [{ text: place, start: context.indexOf(place) }];
        return { split, id: String(i), question: `where is the ${thing} ?`, context, answers } as Example;
      }
    }
  };
  return Array.from({ length: count }, (_, i) => make(i));
}

export const examplesFile = (examples: readonly Example[]): Buffer => Buffer.from(examples.map(writeExample).join(''));

type Body = Extract<RunBodyInput, { task: 'bert-finetune' }>;
type Sections = Partial<
  Pick<Body, 'seed' | 'model' | 'tokenizer' | 'finetuning' | 'training' | 'optimizer' | 'distributed'>
> & { base?: RunSpec['base'] };

/** A small fine-tuning of bert-debug, with dropout, over the stored examples with this hash. */
export function finetuningSpec(kind: DatasetKind, datasetSha256: string, sections: Sections = {}): RunSpec {
  const { base = null, model, training, optimizer, ...rest } = sections;
  return {
    runId: newId(),
    config: runConfig.parse({
      task: 'bert-finetune',
      dataset: 'sample',
      ...rest,
      model: base ? { base: base.modelId, ...model } : { preset: 'bert-debug', ...model },
      tokenizer: { vocabSize: 150, ...sections.tokenizer },
      training: {
        maxSteps: 10,
        globalBatchSize: 16,
        maxLength: 32,
        validationFraction: 0.2,
        evaluateEvery: 5,
        checkpointEvery: 4,
        ...training,
      },
      optimizer: { learningRate: 3e-3, warmupSteps: 3, ...optimizer },
    }),
    dataset: { id: newId(), name: 'sample', version: 1, sha256: datasetSha256, kind },
    base,
    createdAt: new Date().toISOString(),
  };
}
