/** All in UTF-16 units. A text longer than this is cut at white space: a model reads at most a few hundred words of it. */
export const longestText = 100_000;
/** A sentence to translate that is longer is no sentence, and cannot be cut beside its translation. */
export const longestSentence = 20_000;
/** Long contexts are read in windows; one that is longer is refused. */
export const longestContext = 1_000_000;
export const longestLabel = 200;
export const mostLabels = 1000;
/** Tokens of a tagged sentence. */
export const longestSequence = 1000;

/** @returns the text up to the last white space before the limit, or up to the limit itself, never between two halves of a character */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, /[\udc00-\udfff]/.test(text[limit]) ? limit - 1 : limit);
  const space = head.search(/\s\S*$/);
  return (space > 0 ? head.slice(0, space) : head).trimEnd();
}
