const every = 10;
const offset = 5;

/**
 * Names of the documents that are held out: of each genre the sixth and every tenth after it, so that every genre is tested (the
 * smallest has six) and no document lies on both sides.
 */
export function heldOutDocuments(texts: readonly { name: string; genre: string }[]): Set<string> {
  const held = new Set<string>();
  const seen = new Map<string, number>();
  for (const { name, genre } of texts) {
    const number = seen.get(genre) ?? 0;
    seen.set(genre, number + 1);
    if (number % every === offset) held.add(name);
  }
  return held;
}
