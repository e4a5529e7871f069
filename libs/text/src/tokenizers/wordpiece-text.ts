import { chunkTexts, wordsOfChunk } from '../basic-tokenizer.js';
import { trainWordPiece } from '../train-wordpiece.js';
import { WordPieceTokenizer } from '../wordpiece.js';
import { cjkRange, isUnwritten, remembering, specialIds, type TextTokenizer } from './text-tokenizer.js';

const betweenIdeographs = new RegExp(`(?<=[${cjkRange}]) (?=[${cjkRange}])`, 'gu');
const lowered = (text: string, lowercase: boolean): string => (lowercase ? text.toLowerCase() : text);

/**
 * BERT's WordPiece for translation: [CLS] and [SEP] are begin and end. Where a blank stood beside punctuation is not kept, so decoded
 * text is written by rule: no blank before .,?!, none between CJK characters.
 */
export class WordPieceText implements TextTokenizer {
  readonly type = 'wordpiece';
  readonly padId = specialIds.padId;
  readonly unkId = specialIds.unkId;
  readonly bosId = specialIds.bosId;
  readonly eosId = specialIds.eosId;
  readonly vocab: readonly string[];
  private readonly pieces: WordPieceTokenizer;
  private readonly idsOf = remembering((chunk) =>
    wordsOfChunk(chunk, false).flatMap((word) => this.pieces.pieces(word.text).ids),
  );

  constructor(
    vocab: readonly string[],
    readonly lowercase: boolean,
  ) {
    this.vocab = vocab;
    this.pieces = new WordPieceTokenizer(vocab, { lowercase: false });
  }

  encode(text: string): Int32Array {
    return Int32Array.from(chunkTexts(lowered(text, this.lowercase)).flatMap((chunk) => this.idsOf(chunk)));
  }

  decode(ids: ArrayLike<number>): string {
    const written = Array.from(ids).filter((id) => !isUnwritten(id));
    return this.pieces.decode(written, { skipSpecials: false }).replace(betweenIdeographs, '');
  }

  toJson(): string {
    const file = JSON.parse(this.pieces.tokenizerJson());
    // Accents stay: a translation without them is wrong.
    file.normalizer = { ...file.normalizer, lowercase: this.lowercase, strip_accents: false };
    return JSON.stringify(file);
  }
}

export function trainWordPieceText(texts: Iterable<string>, vocabSize: number, lowercase: boolean): WordPieceText {
  function* prepared() {
    for (const text of texts) yield lowered(text, lowercase);
  }
  const { vocab } = trainWordPiece(prepared(), { vocabSize, lowercase: false, limitAlphabet: vocabSize });
  return new WordPieceText(vocab, lowercase);
}
