import { cjkRange, isUnwritten, remembering, specialIds, type TextTokenizer, textSpecials } from './text-tokenizer.js';

/**
 * The joiner annotation of OpenNMT's Tokenizer: a mark on the side where a token touches its neighbour, so that the text can be put
 * together again. It stands on punctuation and CJK characters, so that a word has one form: "Is it (so)?" → Is it (￭ so ￭) ￭?
 */
const joiner = '\uffed';
const parts = new RegExp(`[${cjkRange}]|(?:(?![${cjkRange}])[\\p{L}\\p{M}\\p{N}_])+|[^\\p{L}\\p{M}\\p{N}_]`, 'gu');
const wordLike = /^[\p{L}\p{M}\p{N}_]/u;
const ideograph = new RegExp(`^[${cjkRange}]`, 'u');
const isWord = (token: string): boolean => wordLike.test(token) && !ideograph.test(token);

/** The tokens of a stretch without blanks. Neighbouring ideographs need no mark: no blank is ever written between two. */
function tokensOf(stretch: string): string[] {
  const tokens: string[] = stretch.match(parts) ?? [];
  return tokens.map((token, i) => {
    if (isWord(token)) return token;
    const before = tokens[i - 1];
    const after = tokens[i + 1];
    const own = ideograph.test(token);
    const left = before !== undefined && !(own && ideograph.test(before));
    // Of two neighbours without a word the second one bears the mark.
    const right = after !== undefined && isWord(after);
    return `${left ? joiner : ''}${token}${right ? joiner : ''}`;
  });
}

/** Whole words, single punctuation marks and single CJK characters; words beyond the vocabulary are unknown. */
export class WordTokenizer implements TextTokenizer {
  readonly type = 'words';
  readonly padId = specialIds.padId;
  readonly unkId = specialIds.unkId;
  readonly bosId = specialIds.bosId;
  readonly eosId = specialIds.eosId;
  private readonly idOf: Map<string, number>;
  private readonly idsOf = remembering((stretch) =>
    tokensOf(stretch).map((token) => this.idOf.get(token) ?? this.unkId),
  );

  constructor(
    readonly vocab: readonly string[],
    readonly lowercase: boolean,
  ) {
    this.idOf = new Map(vocab.map((token, id) => [token, id]));
  }

  encode(text: string): Int32Array {
    return Int32Array.from(stretchesOf(text, this.lowercase).flatMap((stretch) => this.idsOf(stretch)));
  }

  decode(ids: ArrayLike<number>): string {
    let text = '';
    let joined = true;
    let before = '';
    for (const id of Array.from(ids)) {
      if (isUnwritten(id)) continue;
      const token = this.vocab[id] ?? textSpecials[this.unkId];
      const bare = token.replaceAll(joiner, '');
      const touches = joined || token.startsWith(joiner) || (ideograph.test(token) && ideograph.test(before));
      text += touches ? bare : ` ${bare}`;
      joined = token.length > joiner.length && token.endsWith(joiner);
      before = bare;
    }
    return text;
  }

  toJson(): string {
    return JSON.stringify({ type: this.type, lowercase: this.lowercase, vocab: this.vocab });
  }
}

const stretchesOf = (text: string, lowercase: boolean): string[] =>
  (lowercase ? text.toLowerCase() : text).split(/\s+/u).filter((stretch) => stretch !== '');

export const wordsOf = (text: string, lowercase: boolean): string[] => stretchesOf(text, lowercase).flatMap(tokensOf);
