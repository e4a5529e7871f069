import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadTokenizer, type TokenizerType, trainTokenizer } from './index.js';

const texts = [
  "L'option '{0}' ne peut pas être spécifiée sans l'option '{1}'.",
  "Impossible d'écrire le fichier '{0}', car il serait remplacé (voir TS5055).",
  'The option cannot be specified; the file "{0}" would be overwritten.',
  '类型“{0}”的参数不能赋给类型“{1}”的参数。是否需要添加 TypeScript文件?',
  '“{0}”已声明，但从未使用过它的值。  Two  blanks,\ttab\nand line. don’t',
  'emoji 😀😃 and math 𝒳 ≤ ∑ €5 + $3 = 8% ^_^ ~`| 𠀀𠀁 한국어 кириллица',
  'hello hello hello <s> <unk> [MASK]',
];
const types: TokenizerType[] = ['bpe', 'wordpiece', 'words', 'characters'];
const of = (type: TokenizerType, lowercase = false, vocabSize = 600) =>
  trainTokenizer(texts, { type, vocabSize, lowercase });
const tokens = (tokenizer: ReturnType<typeof of>, text: string) =>
  Array.from(tokenizer.encode(text), (id) => tokenizer.vocab[id]);

describe.each(types)('%s', (type) => {
  const tokenizer = of(type);

  it('numbers its special tokens first and keeps to the size', () => {
    const { padId, unkId, bosId, eosId, vocab } = tokenizer;
    expect([padId, unkId, bosId, eosId]).toEqual([0, 1, 2, 3]);
    expect(vocab.slice(0, 4)).toEqual(
      type === 'wordpiece' ? ['[PAD]', '[UNK]', '[CLS]', '[SEP]'] : ['<pad>', '<unk>', '<s>', '</s>'],
    );
    expect(new Set(vocab).size).toBe(vocab.length);
    for (const size of [20, 50, 300]) expect(of(type, false, size).vocab.length).toBeLessThanOrEqual(size);
  });

  it('does not depend on the order of the texts', () => {
    expect(trainTokenizer([...texts].reverse(), { type, vocabSize: 300, lowercase: true }).toJson()).toBe(
      of(type, true, 300).toJson(),
    );
  });

  it('is the same after saving', () => {
    for (const lowercase of [true, false]) {
      const saved = of(type, lowercase);
      const loaded = loadTokenizer(saved.toJson());
      expect([loaded.type, loaded.lowercase, loaded.vocab]).toEqual([type, lowercase, saved.vocab]);
      for (const text of texts) expect(loaded.encode(text)).toEqual(saved.encode(text));
      expect(loaded.toJson()).toBe(saved.toJson());
    }
  });

  it('never makes a special token of text, and keeps accents in lower case', () => {
    const ids = of(type, true).encode('<s> </s> <pad> [CLS] [SEP] [PAD] ÊTRE');
    expect([0, 2, 3].filter((id) => ids.includes(id))).toEqual([]);
    expect(of(type, true).decode(of(type, true).encode('ÊTRE'))).toBe('être');
  });

  it('leaves padding, begin and end out of the text', () => {
    const ids = [...tokenizer.encode('hello')];
    expect(tokenizer.decode([2, ...ids, 3, 0, 0])).toBe('hello');
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.encode('')).toHaveLength(0);
    expect(tokenizer.decode([1, 99_999])).toMatch(/unk/i);
  });
});

describe.each(['bpe', 'wordpiece', 'characters'] as const)('tokenizer.json of %s', (type) => {
  it.each([true, false])('is read by @huggingface/tokenizers, lowercase %s', (lowercase) => {
    const tokenizer = of(type, lowercase);
    const other = new Tokenizer(JSON.parse(tokenizer.toJson()), { clean_up_tokenization_spaces: false });
    // The reference takes special tokens written in the text for real ones, and misses ideographs beyond the basic plane in WordPiece.
    for (const text of texts.slice(0, 5)) {
      const theirs = other.encode(text, { add_special_tokens: false }).ids;
      expect([...tokenizer.encode(text)]).toEqual(theirs);
      expect(tokenizer.decode(theirs)).toBe(other.decode(theirs));
    }
  });
});

describe('bpe', () => {
  it('gives any text back, unknown characters included', () => {
    const tokenizer = of('bpe');
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(...texts),
    );
    fc.assert(
      fc.property(anything, (text) => {
        fc.pre(text.isWellFormed());
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text);
        expect(ids.includes(1)).toBe(false);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('merges the most frequent pair first and encodes by the order of the merges', () => {
    const tokenizer = trainTokenizer(['low low low low low lower lower newest newest newest newest newest newest'], {
      type: 'bpe',
      vocabSize: 270,
      lowercase: false,
    });
    // 8 × "we" of "lower" and "newest", then 7 × "Ġl" and what follows it: of equal counts the older pieces.
    expect(tokenizer.vocab.slice(260, 263)).toEqual(['we', 'Ġl', 'Ġlo']);
    expect(tokens(tokenizer, 'newest low')).toEqual(['Ġnewest', 'Ġlow']);
    const repeated = trainTokenizer(['xaa xaa'], { type: 'bpe', vocabSize: 261, lowercase: false });
    expect(repeated.vocab[260]).toBe('Ġx');
    const pairs = trainTokenizer(['aa.aa.aa'], { type: 'bpe', vocabSize: 261, lowercase: false });
    expect(tokens(pairs, '.aaaaa')).toEqual(['Ġ', '.', 'aa', 'aa', 'a']);
  });

  it('takes a line without blanks in bounded pieces', () => {
    const line = 'ab'.repeat(300_000);
    const tokenizer = of('bpe');
    expect(tokenizer.decode(tokenizer.encode(line))).toBe(line);
  });
});

describe('words', () => {
  it('splits punctuation and ideographs, and puts the text together again', () => {
    const tokenizer = of('words');
    expect(tokens(tokenizer, "l'option '{0}'.")).toEqual(['l', "￭'￭", 'option', "'", '￭{￭', '0', '￭}', "￭'", '￭.']);
    expect(tokens(tokenizer, '参数 TypeScript文件?')).toEqual(['参', '数', 'TypeScript', '￭文', '件', '￭?']);
    for (const text of texts) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.replace(/\s+/gu, ' '));
    }
  });

  it('keeps the most frequent words, and shows where one was unknown', () => {
    const tokenizer = trainTokenizer(['a a a b b c'], { type: 'words', vocabSize: 6, lowercase: false });
    expect(tokenizer.vocab).toEqual(['<pad>', '<unk>', '<s>', '</s>', 'a', 'b']);
    expect(tokenizer.decode(tokenizer.encode('a c b'))).toBe('a <unk> b');
  });
});

describe('wordpiece', () => {
  it('gives known text back, runs of blanks as one', () => {
    const tokenizer = of('wordpiece');
    expect(tokens(tokenizer, "l'option '{0}'.").map((token) => token.replaceAll('##', ''))).toEqual(
      expect.arrayContaining(['▁l', "'", 'option', '▁', '{', '0', '}', '.']),
    );
    for (const text of texts) {
      if (/[\p{Cf}\p{Cs}]/u.test(text)) continue;
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.replace(/\s+/gu, ' '));
    }
    expect(tokenizer.decode(tokenizer.encode('hello Ж.'))).toBe('hello [UNK].');
  });
});

describe('characters', () => {
  it('gives known text back, blanks included', () => {
    const tokenizer = of('characters');
    for (const text of texts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.decode(tokenizer.encode('aЖb'))).toBe('a<unk>b');
  });
});

describe('what cannot be used', () => {
  it.each(types)('is told: no text for %s', (type) => {
    expect(() => trainTokenizer(['', ''], { type, vocabSize: 300, lowercase: false })).toThrow(/holds no word/);
  });

  it('is told: another file', () => {
    for (const json of ['', '{', '{}', '{"type":"words"}', '[]']) {
      expect(() => loadTokenizer(json)).toThrow(/not the tokenizer of a translation model/);
    }
  });
});
