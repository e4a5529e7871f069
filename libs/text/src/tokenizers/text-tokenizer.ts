export const tokenizerTypes = ['bpe', 'wordpiece', 'words', 'characters'] as const;
export type TokenizerType = (typeof tokenizerTypes)[number];

/** Turns the text of one language into token ids and back, for translation: one vocabulary a language. */
export interface TextTokenizer {
  readonly type: TokenizerType;
  /** Whether text is lower-cased first (accents stay). */
  readonly lowercase: boolean;
  /** The token of each id. */
  readonly vocab: readonly string[];
  readonly padId: 0;
  readonly unkId: 1;
  /** Begin and end of a sentence; `[CLS]` and `[SEP]` of a WordPiece vocabulary. */
  readonly bosId: 2;
  readonly eosId: 3;
  /** Ids of a text, without begin and end. Special tokens written in the text are ordinary characters. */
  encode(text: string): Int32Array;
  /** The text of ids; padding, begin and end are left out, an unknown token is written as the vocabulary has it. */
  decode(ids: ArrayLike<number>): string;
  /** What `loadTokenizer` reads: Hugging Face's tokenizer.json but for `words`, whose joining of words it cannot say. */
  toJson(): string;
}

export const specialIds = { padId: 0, unkId: 1, bosId: 2, eosId: 3 } as const;
/** The first tokens of every vocabulary but WordPiece's, by id. */
export const textSpecials = ['<pad>', '<unk>', '<s>', '</s>'] as const;

export const isUnwritten = (id: number): boolean =>
  id === specialIds.padId || id === specialIds.bosId || id === specialIds.eosId;

/** CJK ideographs, which BERT and we take for words of their own; the inside of a character class. */
export const cjkRange =
  '\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}';

export const addedTokens = (specials: readonly string[]): object[] =>
  specials.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));

/** Keeps what a function gave for the texts seen before (the same words come again and again); emptied when it is full. */
export function remembering<T>(compute: (text: string) => T, most = 100_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = compute(text);
      if (known.size >= most) known.clear();
      known.set(text, value);
    }
    return value;
  };
}
