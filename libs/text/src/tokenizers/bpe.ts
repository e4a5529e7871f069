import { cjkPattern, fromByteCharacters, stretchesOf, stretchPattern, toByteCharacters } from './byte-level.js';
import {
  addedTokens,
  isUnwritten,
  remembering,
  specialIds,
  type TextTokenizer,
  textSpecials,
} from './text-tokenizer.js';

/**
 * Byte-level byte-pair encoding (Sennrich et al., 2016; GPT-2's byte level, a blank before the text): pieces of words from bytes, so
 * every text is encoded without an unknown token (in a vocabulary of 260 or more) and decoded to the same text.
 */
export class BpeTokenizer implements TextTokenizer {
  readonly type = 'bpe';
  readonly padId = specialIds.padId;
  readonly unkId = specialIds.unkId;
  readonly bosId = specialIds.bosId;
  readonly eosId = specialIds.eosId;
  private readonly idOf: Map<string, number>;
  /** By the two pieces with a blank between: no piece holds one. */
  private readonly rankOf: Map<string, number>;
  private readonly idsOf = remembering((stretch) => this.merged(stretch));

  constructor(
    readonly vocab: readonly string[],
    private readonly merges: readonly (readonly [string, string])[],
    readonly lowercase: boolean,
  ) {
    this.idOf = new Map(vocab.map((token, id) => [token, id]));
    this.rankOf = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  }

  encode(text: string): Int32Array {
    if (text === '') return new Int32Array(0);
    const normal = this.lowercase ? text.toLowerCase() : text;
    return Int32Array.from(stretchesOf(` ${normal}`).flatMap((stretch) => this.idsOf(stretch)));
  }

  decode(ids: ArrayLike<number>): string {
    let characters = '';
    for (const id of Array.from(ids)) {
      if (!isUnwritten(id)) characters += this.vocab[id] ?? textSpecials[specialIds.unkId];
    }
    return fromByteCharacters(characters).replace(/^ /, '');
  }

  toJson(): string {
    const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
    const prepend = { type: 'Prepend', prepend: ' ' };
    return JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(textSpecials),
      normalizer: this.lowercase ? { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, prepend] } : prepend,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [split(cjkPattern), split(stretchPattern), byteLevel],
      },
      post_processor: null,
      decoder: {
        type: 'Sequence',
        decoders: [byteLevel, { type: 'Strip', content: ' ', start: 1, stop: 0 }],
      },
      model: {
        type: 'BPE',
        unk_token: textSpecials[specialIds.unkId],
        fuse_unk: false,
        vocab: Object.fromEntries(this.vocab.map((token, id) => [token, id])),
        merges: this.merges,
      },
    });
  }

  /** Merges the neighbours whose merge was learnt first, the leftmost of them, until none is known. */
  private merged(stretch: string): number[] {
    const pieces = toByteCharacters(stretch);
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 0; i + 1 < pieces.length; i++) {
        const rank = this.rankOf.get(`${pieces[i]} ${pieces[i + 1]}`) ?? Number.POSITIVE_INFINITY;
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) return pieces.map((piece) => this.idOf.get(piece) ?? this.unkId);
      pieces.splice(at, 2, pieces[at] + pieces[at + 1]);
    }
  }
}
