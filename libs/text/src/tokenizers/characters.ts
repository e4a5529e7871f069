import { addedTokens, isUnwritten, specialIds, type TextTokenizer, textSpecials } from './text-tokenizer.js';

/** A token a character (Unicode code point), the blank included: decoded text is the text, but for unknown characters. */
export class CharacterTokenizer implements TextTokenizer {
  readonly type = 'characters';
  readonly padId = specialIds.padId;
  readonly unkId = specialIds.unkId;
  readonly bosId = specialIds.bosId;
  readonly eosId = specialIds.eosId;
  private readonly idOf: Map<string, number>;

  constructor(
    readonly vocab: readonly string[],
    readonly lowercase: boolean,
  ) {
    this.idOf = new Map(vocab.map((token, id) => [token, id]));
  }

  encode(text: string): Int32Array {
    return Int32Array.from(charactersOf(text, this.lowercase), (character) => this.idOf.get(character) ?? this.unkId);
  }

  decode(ids: ArrayLike<number>): string {
    return Array.from(ids, (id) => (isUnwritten(id) ? '' : (this.vocab[id] ?? textSpecials[this.unkId]))).join('');
  }

  /** Byte-pair encoding without a merge is what Hugging Face's tokenizers have for single characters. */
  toJson(): string {
    return JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(textSpecials),
      normalizer: this.lowercase ? { type: 'Lowercase' } : null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: 'Fuse' },
      model: {
        type: 'BPE',
        unk_token: textSpecials[this.unkId],
        fuse_unk: false,
        vocab: Object.fromEntries(this.vocab.map((token, id) => [token, id])),
        merges: [],
      },
    });
  }
}

export const charactersOf = (text: string, lowercase: boolean): string[] =>
  Array.from(lowercase ? text.toLowerCase() : text);
