import type { Example } from './examples.js';

/** What a reader makes of one row, line or question: an example, or why there is none. Never both. */
export type Found = { line: number; example: Example } | { line: number; problem: string };

/** What a reader tells beside: about an example that it keeps. */
export type Warn = (line: number, message: string) => void;

/** White space and byte order marks around a text are not part of it; halves of characters cannot be stored. */
export const cleanText = (text: string): string => wholeCharacters(text.trim());

/** Halves of characters, which no encoding has, read as U+FFFD; offsets stay. */
export const wholeCharacters = (text: string): string =>
  // Few texts have characters of two halves, and looking for them is quick.
  /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;

/** Text for people about a file's content, as a database takes it. */
export const storable = (text: string): string => wholeCharacters(text).replaceAll('\0', '\u2400');

/** A cell as text: strings, numbers and truth values; undefined for what is blank or has parts. */
export function textOf(cell: unknown): string | undefined {
  if (typeof cell !== 'string' && typeof cell !== 'number' && typeof cell !== 'boolean') return undefined;
  return cleanText(String(cell)) || undefined;
}

export const hasNul = (text: string): boolean => text.includes('\0');
