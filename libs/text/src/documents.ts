import { AppError } from '@regatta/contracts';
import { sentencesOf } from './sentences.js';

/** A document is a list of sentences; neighbours in it are what next-sentence pairs are made of. */
export type TextDocument = string[];

export interface TextWarning {
  /** Counted from 1. */
  line: number;
  message: string;
}

const mostWarnings = 100;
/** A text without blank lines is one document; longer than this it is cut, so that some of it can be held out. */
const sentencesADocument = 50;

/**
 * Reads BERT's format (a sentence a line, a blank line between documents) and ordinary prose (a paragraph a line: long lines are
 * split into sentences). White space is made single; line ends may be of any kind.
 * @throws AppError `invalid-file` where there is no sentence at all
 */
export function readTextDocuments(text: string): { documents: TextDocument[]; warnings: TextWarning[] } {
  const documents: TextDocument[] = [];
  const warnings: TextWarning[] = [];
  const warn = (line: number, message: string) => {
    if (warnings.length < mostWarnings) warnings.push({ line, message });
  };
  let open: TextDocument = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  lines.forEach((line, i) => {
    const { sentences, cut } = sentencesOf(line);
    if (sentences.length === 0) {
      if (open.length > 0) documents.push(open);
      open = [];
      return;
    }
    if (cut) warn(i + 1, 'A sentence of more than 2,000 characters was cut into pieces.');
    if (line.includes('\ufffd')) warn(i + 1, 'Holds characters that were damaged before the file was made (U+FFFD).');
    for (const sentence of sentences) open.push(sentence);
  });
  if (open.length > 0) documents.push(open);
  if (documents.length === 0) {
    throw new AppError('invalid-file', 'The file holds no sentence, only blank lines.', {
      next: 'Upload text: one sentence a line, a blank line between documents, or ordinary paragraphs.',
    });
  }
  if (documents.length > 1 || documents[0].length < 2 * sentencesADocument) return { documents, warnings };
  const cut = cutDocument(documents[0]);
  warn(
    1,
    `The text has no blank lines between documents; it was cut into ${cut.length} of about ${sentencesADocument} sentences.`,
  );
  return { documents: cut, warnings };
}

function cutDocument(sentences: TextDocument): TextDocument[] {
  const count = Math.floor(sentences.length / sentencesADocument);
  return Array.from({ length: count }, (_, i) =>
    sentences.slice(Math.floor((i * sentences.length) / count), Math.floor(((i + 1) * sentences.length) / count)),
  );
}

/** The normalised form: a sentence a line, a blank line between documents, a line feed at the end. */
export function writeTextDocuments(documents: readonly (readonly string[])[]): string {
  return `${documents
    .filter((document) => document.length > 0)
    .map((document) => document.map((sentence) => sentence.replace(/\s+/gu, ' ').trim()).join('\n'))
    .join('\n\n')}\n`;
}

/** Reads the normalised form as it stands: no sentence is split, so what was written is what is read. */
export function parseTextDocuments(normalised: string): TextDocument[] {
  return normalised
    .split('\n\n')
    .map((document) => document.split('\n').filter((sentence) => sentence !== ''))
    .filter((document) => document.length > 0);
}
