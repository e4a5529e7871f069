/**
 * BERT's basic tokenizer: cleans a text, splits it at white space, around CJK characters and around punctuation, and (uncased)
 * lower-cases and strips accents. Follows BasicTokenizer of google-research/bert and Hugging Face's BertNormalizer + BertPreTokenizer.
 */

/** A normalised word; unit i of its text (UTF-16) comes from [starts[i], ends[i]) of the original. */
export interface Word {
  text: string;
  starts: number[];
  ends: number[];
}

/** A stretch without white space, and where it begins in the text. */
export interface Chunk {
  text: string;
  at: number;
}

// Tab, line feed and carriage return are white space to BERT; every other control character is dropped without splitting.
const notSpace = /[^\t\n\r\p{Zs}\u2028\u2029]+/gu;
const spaces = /[\t\n\r\p{Zs}\u2028\u2029]+/u;
const plainAscii = /^[!-~]+$/;
const dropped = /[\0\ufffd\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;
const marks = /\p{Mn}/gu;
// BERT counts every ASCII symbol as punctuation ("$", "+", "^"), beyond Unicode's class P.
const words = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

/** CJK ideographs, which BERT makes words of their own (not kana or hangul, which are written with spaces or in runs). */
function isCjk(codePoint: number): boolean {
  return (
    (codePoint >= 0x4e00 && codePoint <= 0x9fff) ||
    (codePoint >= 0x3400 && codePoint <= 0x4dbf) ||
    (codePoint >= 0x20000 && codePoint <= 0x2a6df) ||
    (codePoint >= 0x2a700 && codePoint <= 0x2ceaf) ||
    (codePoint >= 0xf900 && codePoint <= 0xfaff) ||
    (codePoint >= 0x2f800 && codePoint <= 0x2fa1f)
  );
}

/** The stretches between white space. */
export function chunksOf(text: string): Chunk[] {
  return Array.from(text.matchAll(notSpace), (match) => ({ text: match[0], at: match.index }));
}

/** The same stretches without their places: what counting and encoding a whole corpus needs. */
export function chunkTexts(text: string): string[] {
  return text.split(spaces).filter((chunk) => chunk !== '');
}

const lowered = (text: string): string => text.toLowerCase().normalize('NFD').replace(marks, '');

/** Cleans a chunk and cuts it around CJK characters. */
function cleaned(chunk: string): Word[] {
  const pieces: Word[] = [];
  let open: Word | undefined;
  let at = 0;
  for (const character of chunk) {
    const end = at + character.length;
    if (!dropped.test(character)) {
      const alone = isCjk(character.codePointAt(0) ?? 0);
      if (open === undefined || alone) {
        open = { text: '', starts: [], ends: [] };
        pieces.push(open);
      }
      open.text += character;
      for (let unit = 0; unit < character.length; unit++) {
        open.starts.push(at);
        open.ends.push(end);
      }
      if (alone) open = undefined;
    }
    at = end;
  }
  return pieces;
}

function lowerCased(piece: Word): Word {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of piece.text) {
    // Neighbours may change which letter comes out (final sigma, order of marks) but never how many.
    const units = lowered(character).length;
    for (let unit = 0; unit < units; unit++) {
      starts.push(piece.starts[at]);
      ends.push(piece.ends[at]);
    }
    at += character.length;
  }
  return { text: lowered(piece.text), starts, ends };
}

/** The words of one chunk (no white space in it); places count UTF-16 units from the chunk's beginning. */
export function wordsOfChunk(chunk: string, lowercase: boolean): Word[] {
  let pieces: Word[];
  if (plainAscii.test(chunk)) {
    const starts = Array.from({ length: chunk.length }, (_, i) => i);
    pieces = [{ text: lowercase ? chunk.toLowerCase() : chunk, starts, ends: starts.map((i) => i + 1) }];
  } else {
    pieces = cleaned(chunk);
    if (lowercase) pieces = pieces.map(lowerCased);
  }
  return pieces.flatMap((piece) =>
    Array.from(piece.text.matchAll(words), ({ 0: text, index }) => ({
      text,
      starts: piece.starts.slice(index, index + text.length),
      ends: piece.ends.slice(index, index + text.length),
    })),
  );
}
