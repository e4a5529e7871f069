import { type Found } from '../found.js';
import { taggingExample } from '../tagging.js';
import { heldOutDocuments } from './held-out.js';

/** A text of the Brown corpus: its name ("ca01"), genre ("news") and content, form C ("The/at Fulton/np-tl …", a sentence a line). */
export interface BrownText {
  name: string;
  genre: string;
  tagged: string;
}

/** Genres by text, from the package's cats.txt: "ca01 news", a text a line. */
export function brownGenres(categories: string): Map<string, string> {
  const lines = categories.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(lines.filter(({ length }) => length === 2) as [string, string][]);
}

/** The tag without what marks titles, headlines, citations and foreign words: "fw-nn-tl" → "nn". */
const baseTag = (tag: string) => tag.replace(/^fw-/, '').replace(/(-(tl|hl|nc))+$/, '');

/** Sentences of tagged text as tokens and base tags. Quotes are written '"', as in the plain corpus, and marks that it doubles once. */
export function taggedSentences(tagged: string): { tokens: string[]; tags: string[] }[] {
  const sentences: { tokens: string[]; tags: string[] }[] = [];
  for (const line of tagged.split('\n')) {
    const sentence = { tokens: [] as string[], tags: [] as string[] };
    let before = '';
    for (const pair of line.trim().split(/\s+/)) {
      const at = pair.lastIndexOf('/');
      const token = pair.slice(0, Math.max(0, at));
      const doubled = /^[;?!]$/.test(token) && token === before;
      before = token;
      if (token === '' || doubled) continue;
      sentence.tokens.push(token === '``' || token === "''" ? '"' : token);
      sentence.tags.push(baseTag(pair.slice(at + 1)));
    }
    if (sentence.tokens.length > 0) sentences.push(sentence);
  }
  return sentences;
}

/** Parts of speech: every sentence of the corpus; a tenth of each genre's documents is held out. */
export function* brownTags(texts: readonly BrownText[]): Generator<Found> {
  const held = heldOutDocuments(texts);
  let line = 0;
  for (const { name, tagged } of texts)
    for (const { tokens, tags } of taggedSentences(tagged)) {
      line++;
      yield { line, ...taggingExample(tokens, tags, held.has(name) ? 'validation' : 'train') };
    }
}
