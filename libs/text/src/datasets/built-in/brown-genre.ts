import type { TextDocument } from '../../documents.js';
import type { Found } from '../found.js';
import { heldOutDocuments } from './held-out.js';

/** Whole sentences are joined up to this many words: with most vocabularies it fits into 128 tokens. */
const passageWords = 80;
/** The corpus's manual divides its categories so: A to J are informative, K to R imaginative prose. */
const imaginative = new Set(['fiction', 'mystery', 'science_fiction', 'adventure', 'romance', 'humor']);

export interface GenreText {
  name: string;
  genre: string;
  document: TextDocument;
}

/** A document's passages of about so many words; what is left at its end counts from half of that on. */
export function passagesOf(document: TextDocument, length = passageWords): string[] {
  const passages: string[] = [];
  let open: string[] = [];
  let words = 0;
  for (const sentence of document) {
    open.push(sentence);
    words += sentence.split(' ').length;
    if (words < length) continue;
    passages.push(open.join(' '));
    open = [];
    words = 0;
  }
  if (words >= length / 2) passages.push(open.join(' '));
  return passages;
}

/**
 * Passages with the genre of their document (15), or with whether it informs or imagines (2). A tenth of each genre's documents is
 * held out, whole. `length`: words of a passage.
 */
export function* brownGenrePassages(
  texts: readonly GenreText[],
  labels: 'genre' | 'imaginative',
  length = passageWords,
): Generator<Found> {
  const held = heldOutDocuments(texts);
  let line = 0;
  for (const { name, genre, document } of texts) {
    const label = labels === 'genre' ? genre : imaginative.has(genre) ? 'imaginative' : 'informative';
    for (const text of passagesOf(document, length)) {
      line++;
      yield { line, example: { split: held.has(name) ? 'validation' : 'train', text, label } };
    }
  }
}
