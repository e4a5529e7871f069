/**
 * The characters that byte-level BPE writes bytes as (GPT-2's table): printable ones stand for themselves, the others are counted up
 * from 256.
 */
const byteOf = new Map<string, number>();
for (let byte = 0, next = 256; byte < 256; byte++) {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  byteOf.set(String.fromCharCode(printable ? byte : next++), byte);
}
const blank = 'Ġ';
const utf8 = new TextDecoder();

/** Tokens as people read them: those of byte-level BPE as text, with a dot for a blank; all others as they are. */
export function readable(tokens: readonly string[]): string[] {
  if (!tokens.some((token) => token.includes(blank))) return [...tokens];
  return tokens.map((token) => {
    const bytes = [...token].map((character) => byteOf.get(character));
    if (bytes.includes(undefined)) return token;
    return utf8.decode(Uint8Array.from(bytes as number[])).replaceAll(' ', '·');
  });
}
