import { chunkTexts, wordsOfChunk } from '../basic-tokenizer.js';
import { trainWordPiece } from '../train-wordpiece.js';
import { WordPieceTokenizer } from '../wordpiece.js';
import { isUnwritten, remembering, specialIds, type TextTokenizer } from './text-tokenizer.js';

/** Stands where a blank was, at the begin of the word after it (as in SentencePiece): BERT itself forgets the blanks beside punctuation. */
const blank = '▁';

const marked = (text: string, lowercase: boolean): string =>
  text === '' ? '' : `${blank}${lowercase ? text.toLowerCase() : text}`.replace(/\s+/gu, ` ${blank}`);

/**
 * BERT's WordPiece for translation: words, single punctuation marks and CJK characters in pieces, with marks for blanks, so that known
 * text comes back as it was (any white space as one blank). [CLS] and [SEP] are begin and end.
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
    return Int32Array.from(chunkTexts(marked(text, this.lowercase)).flatMap((chunk) => this.idsOf(chunk)));
  }

  decode(ids: ArrayLike<number>): string {
    let text = '';
    for (const id of Array.from(ids)) {
      if (isUnwritten(id)) continue;
      // An unknown word may have had a blank before it; words mostly do.
      if (id === this.unkId || this.vocab[id] === undefined) text += `${blank}${this.vocab[this.unkId]}`;
      else text += this.pieces.continuing[id] ? this.vocab[id].slice(2) : this.vocab[id];
    }
    return text.replaceAll(blank, ' ').replace(/^ /, '');
  }

  toJson(): string {
    const file = JSON.parse(this.pieces.tokenizerJson());
    const replace = (pattern: object, content: string) => ({ type: 'Replace', pattern, content });
    file.normalizer = {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: blank },
        replace({ Regex: '\\s+' }, ` ${blank}`),
        // Accents stay: a translation without them is wrong.
        { ...file.normalizer, lowercase: this.lowercase, strip_accents: false },
      ],
    };
    file.decoder = {
      type: 'Sequence',
      decoders: [
        { type: 'WordPiece', prefix: '##', cleanup: false },
        replace({ String: ' ' }, ''),
        replace({ String: blank }, ' '),
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    };
    return JSON.stringify(file);
  }
}

export function trainWordPieceText(texts: Iterable<string>, vocabSize: number, lowercase: boolean): WordPieceText {
  function* prepared() {
    for (const text of texts) yield marked(text, lowercase);
  }
  const { vocab } = trainWordPiece(prepared(), { vocabSize, lowercase: false, limitAlphabet: vocabSize });
  return new WordPieceText(vocab, lowercase);
}
