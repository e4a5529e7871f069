const word = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_])+/gu;

/** Lower-cased words without punctuation; a Chinese character is a word. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(word) ?? [];
