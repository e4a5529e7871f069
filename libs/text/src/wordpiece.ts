import { AppError } from '@regatta/contracts';
import { chunksOf, wordsOfChunk } from './basic-tokenizer.js';
import { tokenizerJson } from './tokenizer-json.js';

/** In the order that the trainer numbers them, 0 to 4. */
export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const specialPattern = /\[(?:PAD|UNK|CLS|SEP|MASK)\]/g;
/** A longer word is [UNK] as a whole, as in BERT. */
export const maxWordCharacters = 100;

/** Tokens of a text; offsets are [start, end) in the original text, UTF-16 units. */
export interface Encoding {
  ids: Int32Array;
  tokens: string[];
  offsets: [number, number][];
}

/** A model input. Special tokens have the offsets [0, 0]; tokens of B have offsets in B. */
export interface PairEncoding extends Encoding {
  /** 0 for [CLS] A [SEP], 1 for B [SEP]. */
  tokenTypeIds: Int32Array;
}

/** Hugging Face's clean-up of decoded text: no space before punctuation and in English contractions. */
const cleanUp = (text: string): string =>
  text
    .replace(/ ([.?!,])/g, '$1')
    .replace(/ ' /g, "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, '$1');

/** Splits words into the longest pieces of a vocabulary, from the left (BERT's WordpieceTokenizer). */
export class WordPieceTokenizer {
  readonly lowercase: boolean;
  readonly padId: number;
  readonly unkId: number;
  readonly clsId: number;
  readonly sepId: number;
  readonly maskId: number;
  /** Every id but those of the special tokens: what a random replacement may be. */
  readonly ordinaryIds: Int32Array;
  /** 1 for the pieces that continue a word ("##…"), by id. */
  readonly continuing: Uint8Array;
  private readonly idOf: Map<string, number>;
  private readonly longest: number;

  /** @throws AppError `invalid-file` where a special token is missing or a token is there twice */
  constructor(
    readonly vocab: readonly string[],
    options: { lowercase: boolean },
  ) {
    this.lowercase = options.lowercase;
    this.idOf = new Map(vocab.map((token, id) => [token, id]));
    if (this.idOf.size !== vocab.length) {
      const twice = vocab.find((token, id) => this.idOf.get(token) !== id);
      throw new AppError('invalid-file', `The vocabulary holds the token "${twice}" more than once.`, {
        next: 'Use a vocab.txt with one different token a line.',
      });
    }
    const [pad, unk, cls, sep, mask] = specialTokens.map((token) => this.special(token));
    this.padId = pad;
    this.unkId = unk;
    this.clsId = cls;
    this.sepId = sep;
    this.maskId = mask;
    const specials = new Set([pad, unk, cls, sep, mask]);
    this.ordinaryIds = Int32Array.from(vocab.keys()).filter((id) => !specials.has(id));
    this.continuing = Uint8Array.from(vocab, (token) => (token.startsWith('##') && token.length > 2 ? 1 : 0));
    this.longest = vocab.reduce((most, token) => Math.max(most, token.length), 0);
  }

  /** Reads a vocab.txt: one token a line, the line number is the id. */
  static fromVocabTxt(text: string, options: { lowercase: boolean }): WordPieceTokenizer {
    const lines = text.split(/\r?\n/);
    if (lines[lines.length - 1] === '') lines.pop();
    return new WordPieceTokenizer(lines, options);
  }

  vocabTxt(): string {
    return `${this.vocab.join('\n')}\n`;
  }

  /** Hugging Face's tokenizer.json; transformers, tokenizers and @huggingface/tokenizers read it. */
  tokenizerJson(): string {
    return tokenizerJson(this.vocab, this.lowercase, specialTokens, maxWordCharacters);
  }

  /**
   * The tokens of a text, without [CLS] and [SEP] around them. Special tokens written in the text ("[MASK]") are recognised unless
   * `specials` is false: in a corpus they are ordinary characters, so that a file cannot put masks or separators into the training.
   */
  encode(text: string, { specials = true } = {}): Encoding {
    const ids: number[] = [];
    const offsets: [number, number][] = [];
    let from = 0;
    if (specials) {
      for (const match of text.matchAll(specialPattern)) {
        this.encodePlain(text.slice(from, match.index), from, ids, offsets);
        from = match.index + match[0].length;
        ids.push(this.special(match[0]));
        offsets.push([match.index, from]);
      }
    }
    this.encodePlain(text.slice(from), from, ids, offsets);
    return { ids: Int32Array.from(ids), tokens: ids.map((id) => this.vocab[id]), offsets };
  }

  /**
   * `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`. Where it is longer than maxLength, the end of the longer text is cut, token by token.
   */
  encodePair(a: string, b: string | null, maxLength = Number.POSITIVE_INFINITY): PairEncoding {
    const texts = b === null ? [this.encode(a)] : [this.encode(a), this.encode(b)];
    const kept = texts.map((text) => text.ids.length);
    while (kept.reduce((sum, n) => sum + n, 1 + kept.length) > maxLength && Math.max(...kept) > 0) {
      kept[kept.length > 1 && kept[1] >= kept[0] ? 1 : 0]--;
    }
    const ids = [this.clsId];
    const types = [0];
    const offsets: [number, number][] = [[0, 0]];
    texts.forEach((text, segment) => {
      ids.push(...text.ids.subarray(0, kept[segment]), this.sepId);
      offsets.push(...text.offsets.slice(0, kept[segment]), [0, 0]);
      while (types.length < ids.length) types.push(segment);
    });
    return {
      ids: Int32Array.from(ids),
      tokens: ids.map((id) => this.vocab[id]),
      offsets,
      tokenTypeIds: Int32Array.from(types),
    };
  }

  /** Text of ids: pieces joined to words, no space before punctuation. Special tokens are left out unless asked for. */
  decode(ids: ArrayLike<number>, { skipSpecials = true } = {}): string {
    let text = '';
    for (const id of Array.from(ids)) {
      const token = this.vocab[id] ?? specialTokens[1];
      if (skipSpecials && (specialTokens as readonly string[]).includes(token)) continue;
      if (text === '') text = token;
      else text += this.continuing[id] ? token.slice(2) : ` ${token}`;
    }
    return cleanUp(text);
  }

  /** Ids of the pieces of a normalised word, and where each ends (UTF-16 units); one [UNK] where the pieces do not cover it. */
  pieces(word: string): { ids: number[]; ends: number[] } {
    const unknown = { ids: [this.unkId], ends: [word.length] };
    if (word.length > maxWordCharacters && Array.from(word).length > maxWordCharacters) return unknown;
    const ids: number[] = [];
    const ends: number[] = [];
    let start = 0;
    while (start < word.length) {
      const prefix = start > 0 ? '##' : '';
      let end = Math.min(word.length, start + this.longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = this.idOf.get(prefix + word.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined) return unknown;
      ids.push(id);
      ends.push(end);
      start = end;
    }
    return { ids, ends };
  }

  private encodePlain(text: string, at: number, ids: number[], offsets: [number, number][]): void {
    for (const chunk of chunksOf(text)) {
      for (const word of wordsOfChunk(chunk.text, this.lowercase)) {
        const pieces = this.pieces(word.text);
        let start = 0;
        pieces.ids.forEach((id, i) => {
          const end = pieces.ends[i];
          ids.push(id);
          offsets.push([at + chunk.at + word.starts[start], at + chunk.at + word.ends[end - 1]]);
          start = end;
        });
      }
    }
  }

  private special(token: string): number {
    const id = this.idOf.get(token);
    if (id === undefined) {
      throw new AppError('invalid-file', `The vocabulary has no token ${token}.`, {
        next: `BERT needs ${specialTokens.join(' ')} in its vocabulary.`,
      });
    }
    return id;
  }
}
