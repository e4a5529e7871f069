import { cjkRange } from './text-tokenizer.js';

/**
 * GPT-2's byte level: every byte is written as a printable character ("Ġ" is the blank), so that a vocabulary of pieces of text can say
 * any byte sequence and nothing is unknown.
 */
const printable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

export const characterOfByte: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
})();
const byteOfCharacter = new Map(characterOfByte.map((character, byte) => [character, byte]));

/**
 * Stretches that no merge crosses, as regular expressions that JavaScript and Hugging Face's tokenizers both read: a CJK character
 * alone; then a blank with the word, number or punctuation after it. A stretch ends after 64 characters, which bounds the work that a
 * line without blanks makes.
 */
export const cjkPattern = `[${cjkRange}]`;
export const stretchPattern =
  ' ?[\\p{L}\\p{M}]{1,64}| ?\\p{N}{1,64}| ?[^\\s\\p{L}\\p{M}\\p{N}]{1,64}|\\s{1,64}(?!\\S)|\\s{1,64}';
const cjk = new RegExp(`(${cjkPattern})`, 'u');
const stretch = new RegExp(stretchPattern, 'gu');

/** Cuts a text into its stretches; joined they are the text again. */
export const stretchesOf = (text: string): string[] => text.split(cjk).flatMap((part) => part.match(stretch) ?? []);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The characters that stand for the UTF-8 bytes of a text. */
export const toByteCharacters = (text: string): string[] =>
  Array.from(encoder.encode(text), (byte) => characterOfByte[byte]);

/** The text of such characters (bytes that are no UTF-8 become U+FFFD); other characters stand for themselves. */
export function fromByteCharacters(characters: string): string {
  const bytes: number[] = [];
  for (const character of characters) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) bytes.push(...encoder.encode(character));
    else bytes.push(byte);
  }
  return decoder.decode(Uint8Array.from(bytes));
}
