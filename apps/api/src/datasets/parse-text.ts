import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type DatasetContent,
  readTextDocuments,
  type TextDocument,
  toUtf8,
  Warnings,
  writeTextDocuments,
} from '@regatta/text';
import { textPieces } from './text-pieces.js';

/**
 * Reads a text file, writes its normalised form and counts.
 * @throws AppError invalid-file for an empty or binary file, or one without a sentence
 */
export async function parseText(file: string, output: string): Promise<DatasetContent> {
  const { bytes, encoding, damaged } = toUtf8(await readFile(file));
  const warnings = new Warnings();
  if (damaged) warnings.add(0, 'The file is UTF-8 with damaged characters; they read as U+FFFD.');
  else if (!encoding.startsWith('utf-')) warnings.add(0, `The file is not UTF-8; it was read as ${encoding}.`);
  const counts = { documents: 0, sentences: 0, words: 0 };
  let lines = 0;
  let wordless: unknown;
  function* normalised() {
    for (const piece of textPieces(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
      const text = piece.toString();
      try {
        const read = readTextDocuments(text);
        for (const { line, message } of read.warnings) warnings.add(line + lines, message);
        yield count(counts, read.documents);
      } catch (error) {
        // A piece may be blank where the whole is not.
        wordless = error;
      }
      lines += text.split('\n').length - 1;
    }
  }
  await pipeline(Readable.from(normalised()), createWriteStream(output));
  if (counts.documents === 0) throw wordless;
  return textContent(counts, encoding, warnings);
}

/** Writes documents that are there already. */
export async function writeDocuments(
  documents: TextDocument[],
  output: string,
  warnings = new Warnings(),
): Promise<DatasetContent> {
  const counts = { documents: 0, sentences: 0, words: 0 };
  await pipeline(Readable.from([count(counts, documents)]), createWriteStream(output));
  return textContent(counts, 'utf-8', warnings);
}

interface TextCounts {
  documents: number;
  sentences: number;
  words: number;
}

const textContent = (counts: TextCounts, encoding: string, warnings: Warnings): DatasetContent => ({
  summary: {
    ...counts,
    examples: null,
    splits: null,
    labels: null,
    columns: null,
    encoding,
    leaks: null,
    languages: null,
  },
  warnings: warnings.list(),
});

/** Adds documents to the counts. @returns their normalised form, to stand before or after others */
function count(counts: TextCounts, documents: TextDocument[]): string {
  const separator = counts.documents > 0 ? '\n' : '';
  counts.documents += documents.length;
  for (const document of documents) {
    counts.sentences += document.length;
    for (const sentence of document) counts.words += sentence.split(' ').length;
  }
  return separator + writeTextDocuments(documents);
}
