import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trainWordPiece, WordPieceTokenizer } from './index.js';

const texts = [
  'The quick brown fox jumps over the lazy dog; the dog, unimpressed, sleeps on.',
  "Don't you think it's odd? We'll see -- they've said so, haven't they... (perhaps).",
  'Crème brûlée, naïve façade, Ångström, El Niño, ÜBER-größe, İstanbul, ΟΔΟΣ ΣΑΣ.',
  '東京は日本の首都です。北京 is 中国的首都, 서울은 대한민국의 수도이다.',
  'emoji 😀😃 family 👨‍👩‍👧 flag 🇫🇷 and math 𝒳 ≤ ∑ €5 + $3 = 8% ^_^ ~`|',
  'a\u0000b\u0007c\ufffdd soft\u00adhyphen zero\u200bwidth nb\u00a0sp\u2003em\u3000ideo\u2028line\ttab\r\nend\u0085nel\u000bvt\ufeffbom',
  'unaffable [MASK] words, [CLS]x[SEP]y [mask] [UNK][PAD] [ MASK ]',
  `${'x'.repeat(100)} ${'x'.repeat(101)}`,
  'e\u0301 o\u0308 \u0301alone mixed\u0327\u0301order',
  '\ud83d lone \ude00 surrogates',
  '',
  ' \n\t ',
];

const reference = (tokenizer: WordPieceTokenizer) =>
  new Tokenizer(JSON.parse(tokenizer.tokenizerJson()), { unk_token: '[UNK]', model_max_length: 512 });
/** Ideographs beyond the basic plane: the reference library looks at UTF-16 units and misses them. */
const astralCjk = /[\u{20000}-\u{2fa1f}]/u;

describe.each([true, false])('WordPieceTokenizer, lowercase %s', (lowercase) => {
  const tokenizer = trainWordPiece(texts, { vocabSize: 400, lowercase, minFrequency: 1 });
  const other = reference(tokenizer);

  it.each(texts)('agrees with @huggingface/tokenizers on %j', (text) => {
    const ours = tokenizer.encode(text);
    const theirs = other.encode(text, { add_special_tokens: false });
    expect(ours.tokens).toEqual(theirs.tokens);
    expect([...ours.ids]).toEqual(theirs.ids);
    if (ours.ids.length > 0) {
      expect(tokenizer.decode(ours.ids)).toBe(other.decode(theirs.ids, { skip_special_tokens: true }));
      expect(tokenizer.decode(ours.ids, { skipSpecials: false })).toBe(other.decode(theirs.ids));
    }
  });

  it('agrees on any text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...texts, ' ', '[MASK]', 'Σ', 'ά', '\u0301', '中', '가'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join('');
        fc.pre(!astralCjk.test(text));
        expect([...tokenizer.encode(text).ids]).toEqual(other.encode(text, { add_special_tokens: false }).ids);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it('agrees on pairs', () => {
    const ours = tokenizer.encodePair(texts[0], texts[2]);
    const theirs = other.encode(texts[0], { text_pair: texts[2], return_token_type_ids: true });
    expect([...ours.ids]).toEqual(theirs.ids);
    expect([...ours.tokenTypeIds]).toEqual(theirs.token_type_ids);
  });

  it('gives ordered places inside the text, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { ids, tokens, offsets } = tokenizer.encode(text);
        expect(offsets).toHaveLength(ids.length);
        expect(tokens).toHaveLength(ids.length);
        let before = 0;
        for (const [start, end] of offsets) {
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(start).toBeGreaterThanOrEqual(before - 1); // two units may come from one character
          before = end;
        }
      }),
      { numRuns: 300, seed: 9 },
    );
  });
});

describe('WordPieceTokenizer', () => {
  const vocab = [
    '[unused0]',
    '[PAD]',
    '[UNK]',
    '[CLS]',
    '[SEP]',
    '[MASK]',
    'un',
    '##aff',
    '##able',
    'able',
    'cafe',
    'naive',
    ',',
    '中',
    '𠀀',
  ];
  const tokenizer = new WordPieceTokenizer(vocab, { lowercase: true });

  it('takes the longest piece from the left', () => {
    expect(tokenizer.encode('Unaffable able').tokens).toEqual(['un', '##aff', '##able', 'able']);
    expect(tokenizer.encode('unable unaff unafraid').tokens).toEqual(['un', '##able', 'un', '##aff', '[UNK]']);
  });

  it('says where in the original text a token stands', () => {
    const text = ' Café,  NAÏVE 中𠀀[MASK]unaffable';
    const { tokens, offsets } = tokenizer.encode(text);
    expect(tokens).toEqual(['cafe', ',', 'naive', '中', '𠀀', '[MASK]', 'un', '##aff', '##able']);
    expect(offsets.map(([start, end]) => text.slice(start, end))).toEqual([
      'Café',
      ',',
      'NAÏVE',
      '中',
      '𠀀',
      '[MASK]',
      'un',
      'aff',
      'able',
    ]);
  });

  it('finds the special tokens wherever the vocabulary has them', () => {
    expect([tokenizer.padId, tokenizer.unkId, tokenizer.clsId, tokenizer.sepId, tokenizer.maskId]).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect([...tokenizer.ordinaryIds]).toEqual([0, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect([...tokenizer.continuing].flatMap((flag, id) => (flag ? [vocab[id]] : []))).toEqual(['##aff', '##able']);
  });

  it('takes special tokens for ordinary characters when asked to', () => {
    expect(tokenizer.encode('able[MASK]', { specials: false }).tokens).toEqual(['able', '[UNK]', '[UNK]', '[UNK]']);
  });

  it('cuts the longer text of a pair', () => {
    const { tokens, tokenTypeIds } = tokenizer.encodePair('able able', 'unaffable, able', 8);
    expect(tokens).toEqual(['[CLS]', 'able', 'able', '[SEP]', 'un', '##aff', '##able', '[SEP]']);
    expect([...tokenTypeIds]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(tokenizer.encodePair('able able able', null, 4).tokens).toEqual(['[CLS]', 'able', 'able', '[SEP]']);
  });

  it('joins pieces and closes up punctuation', () => {
    expect(tokenizer.decode([3, 6, 7, 8, 12, 9, 4])).toBe('unaffable, able');
  });

  it('round-trips through vocab.txt, whatever the line ends', () => {
    const text = tokenizer.vocabTxt();
    expect(text.split('\n')).toEqual([...vocab, '']);
    expect(WordPieceTokenizer.fromVocabTxt(text, { lowercase: true }).vocab).toEqual(vocab);
    expect(WordPieceTokenizer.fromVocabTxt(text.replaceAll('\n', '\r\n'), { lowercase: true }).vocab).toEqual(vocab);
  });

  it('refuses a vocabulary without a special token, or with a token twice', () => {
    expect(() => new WordPieceTokenizer(vocab.slice(2), { lowercase: true })).toThrow(/no token \[PAD\]/);
    expect(() => new WordPieceTokenizer([...vocab, 'able'], { lowercase: true })).toThrow(/"able" more than once/);
  });
});
