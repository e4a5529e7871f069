import { expect, it } from '@jest/globals';
import { AppError, datasetUpload } from '@regatta/contracts';
import fc from 'fast-check';
import { type ExampleKind, exampleSchemas, readExamples } from './examples.js';
import { formatsOf } from './format.js';
import { readDataset } from './read-dataset.js';

const optionFields = datasetUpload.omit({ name: true, file: true, validation: true, test: true });
const kinds = Object.keys(formatsOf) as ExampleKind[];

const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    'label',
    'text',
    'split',
    'train',
    'en',
    '1',
    '2.5',
    '"',
    '""',
    "'",
    ',',
    ';',
    '\t',
    '\t',
    ' ',
    '\n',
    '\n',
    '\r\n',
    '\r',
  ],
  ...[
    '{"text":"x","label":"y"}\n',
    '{"tokens":["a"],"tags":[1]}\n',
    '{"text":"\\ud83c\\u0000","label":null}\n',
    '[',
    '{',
    '}',
    'null',
  ],
  ...['{"translation":{"en":"a","fr":"b"}}\n', '{"__proto__":{"text":1},"constructor":"x","label":"\\u0000"}\n'],
  ...[
    '{"data":[{"paragraphs":[{"context":"a 🎈 b","qas":[{"id":"\\ud83c","question":"q","answers":[{"text":"b","answer_start":3}]}]}]}]}',
  ],
  ...['\0', '\ufeff', '\u2028', '🎈', 'שלום', '\u200f', 'é', '#', '-DOCSTART-', '1-2\t'],
);
/** Good files of every kind, into which something nasty is put. */
const good = [
  'label\ttext\nx\tone two\ny\tthree\nx\tfour\ny\tfive\n',
  'text,label\n"one, two",1\nthree,2.5\nfour,1\n',
  'yes,It rains here,It is wet\nno,It snows now,It is dry\nyes,It is late,It is dark\n',
  'a X\nb Y\n\nc X\nd Y\n\ne X\n',
  'Go.\tVa !\nHi\tSalut\nYes\tOui\n',
  '{"text":"x","label":"y"}\n{"text":"z","label":"w"}\n{"text":"v","label":"w"}\n',
  '{"data":[{"paragraphs":[{"context":"a 🎈 b c","qas":[{"id":"1","question":"q","answers":[{"text":"b","answer_start":4}]},{"id":"2","question":"r","answers":[]}]}]}]}',
];
const spoilt = fc
  .record({ text: fc.constantFrom(...good), pieces: fc.array(fc.tuple(fc.nat(80), piece), { maxLength: 3 }) })
  .map(({ text, pieces }) => pieces.reduce((all, [at, one]) => all.slice(0, at) + one + all.slice(at), text));
const file = fc.oneof(
  { arbitrary: spoilt.map((text) => Buffer.from(text)), weight: 8 },
  fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
  fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1')),
  fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(`\ufeff${pieces.join('')}`, 'utf16le')),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

const rarely = fc.oneof({ arbitrary: fc.constant(null), weight: 9 }, { arbitrary: file, weight: 1 });

/** No text or name in it holds what a database refuses. */
function expectStorable(value: unknown): void {
  JSON.stringify(value, (key, one) => {
    for (const text of [key, one]) if (typeof text === 'string') expect(text).not.toMatch(/\0|\p{Surrogate}/u);
    return one;
  });
}

it('any input is read into what can be stored, or refused with a reason', async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...kinds),
      fc.constantFrom(
        'auto',
        'auto',
        'auto',
        'auto',
        'auto',
        'auto',
        ...['csv', 'tsv', 'jsonl', 'conll', 'squad', 'lines'],
      ),
      fc.record({ file, second: rarely, test: rarely }),
      async (kind, format, { file, second, test }) => {
        let lines: string[] = [];
        const parts = [
          { field: 'file' as const, fileName: '', bytes: file },
          ...(second ? [{ field: 'file' as const, fileName: '', bytes: second }] : []),
          ...(test ? [{ field: 'test' as const, fileName: '', bytes: test }] : []),
        ];
        const store = {
          append: (more: string) => {
            lines.push(...more.trimEnd().split('\n'));
          },
          filter: async (keep: (line: string, number: number) => boolean) => {
            lines = lines.filter(keep);
          },
        };
        try {
          const content = await readDataset(kind, optionFields.parse({ kind, format }), parts, store);
          read++;
          expect(content.summary.examples).toBe(lines.length);
          expectStorable(content);
          for (const example of readExamples(kind, Buffer.from(lines.join('\n')))) {
            exampleSchemas[kind].parse(example);
            expectStorable(example);
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.errors.length).toBeGreaterThan(0);
        }
      },
    ),
    { seed: 7, numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(60);
});
