import { describe, expect, it } from '@jest/globals';
import { datasetUpload } from '@regatta/contracts';
import fc from 'fast-check';
import { type Example, inputKey, readExamples } from './examples.js';
import { LeakGuard } from './leak-guard.js';
import { readDataset } from './read-dataset.js';
import { splitExamples } from './split-examples.js';

const options = datasetUpload
  .omit({ name: true, file: true, validation: true, test: true })
  .parse({ kind: 'translation', format: 'tsv', header: 'false' });

async function read(files: Partial<Record<'file' | 'validation' | 'test', string>>) {
  let lines: string[] = [];
  const parts = Object.entries(files).map(([field, text]) => ({
    field: field as 'file',
    fileName: '',
    bytes: Buffer.from(text),
  }));
  const content = await readDataset('translation', options, parts, {
    append: (more) => {
      lines.push(...more.trimEnd().split('\n'));
    },
    filter: async (keep) => {
      lines = lines.filter(keep);
    },
  });
  return { ...content, examples: readExamples('translation', Buffer.from(lines.join('\n'))) };
}

describe('the leak guard', () => {
  it('leaves no training input that is held out, takes out nothing else, and says so', async () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g h', 'g  h', 'é', 'e\u0301'), {
      minLength: 1,
      maxLength: 12,
    });
    const plain = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ');
    await fc.assert(
      fc.asyncProperty(words, fc.option(words), fc.option(words), async (train, validation, test) => {
        const file = (sources: readonly string[] | null) => sources?.map((source, i) => `${source}\t${i}`).join('\n');
        const held = new Set([...(validation ?? []), ...(test ?? [])].map(plain));
        const kept = ['sure to stay', ...train.filter((source) => !held.has(plain(source)))];
        const files = { file: file(['sure to stay', ...train]), validation: file(validation), test: file(test) };
        const present = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined));
        const { examples, summary } = await read(present as Record<string, string>);
        const trained = examples.filter(({ split }) => split === null || split === 'train');
        expect(trained.map(({ source }) => source)).toEqual(kept);
        expect(summary.leaks?.removed).toBe(train.length + 1 - kept.length);
        const all = ['sure to stay', ...train, ...(validation ?? []), ...(test ?? [])].map(plain);
        expect(summary.leaks?.duplicates).toBe(all.length - new Set(all).size);
        // What a run makes of it.
        const split = splitExamples<Example>(examples, {
          validationFraction: 0.3,
          seed: 1,
          keyOf: (example) => inputKey('translation', example as never),
        });
        const heldOut = new Set(Array.from(split.validation, (i) => examples[i].source));
        expect(Array.from(split.train).some((i) => heldOut.has(examples[i].source))).toBe(false);
      }),
      { seed: 6, numRuns: 150 },
    );
  });

  it('shows ten of them at most, shortened', () => {
    const guard = new LeakGuard();
    for (let i = 0; i < 3000; i++) guard.add(`${i % 1000} ${'long '.repeat(100)}🎈`, i < 2000 ? null : 'test', i + 1);
    expect(guard.leaking()).toBe(2000);
    const { duplicates, examples } = guard.report([], 0);
    expect(duplicates).toBe(2000);
    expect(examples).toHaveLength(10);
    expect(examples[0].line).toBe(1001);
    for (const { text } of examples) expect(text.length).toBe(201);
  });
});
