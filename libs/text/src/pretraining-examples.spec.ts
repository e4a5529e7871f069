import { describe, expect, it } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import {
  documentRange,
  type EncodedCorpus,
  encodeCorpus,
  type PretrainingExamples,
  pretrainingExamples,
  splitDocuments,
  trainWordPiece,
  unigramCounts,
  unigramEntropy,
} from './index.js';

/** Documents of sentences of 3 to 20 random words. */
function randomDocuments(documents: number, sentences: number): string[][] {
  const stream = new RandomStream({ seed: 5, site: 'test.documents' });
  let i = 0;
  const word = () =>
    `w${String.fromCharCode(97 + stream.integer(i++, 26))}${String.fromCharCode(97 + stream.integer(i++, 26))}`;
  return Array.from({ length: documents }, () =>
    Array.from({ length: sentences }, () => Array.from({ length: 3 + stream.integer(i++, 18) }, word).join(' ')),
  );
}

const documents = randomDocuments(40, 50);
const tokenizer = trainWordPiece(documents.flat(), { vocabSize: 300, lowercase: true });
const corpus = encodeCorpus(documents, tokenizer);
const all = Int32Array.from(documents.keys());

const documentOf = (token: number): number =>
  documents.findIndex((_, d) => token >= documentRange(corpus, d)[0] && token < documentRange(corpus, d)[1]);
const sentenceStarts = new Set(corpus.sentenceStarts);

describe('encodeCorpus', () => {
  it('holds what the tokenizer says of every sentence', () => {
    documents.slice(0, 3).forEach((document, d) => {
      document.forEach((sentence, i) => {
        const s = corpus.documentStarts[d] + i;
        const ids = corpus.ids.subarray(corpus.sentenceStarts[s], corpus.sentenceStarts[s + 1]);
        expect([...ids]).toEqual([...tokenizer.encode(sentence).ids]);
      });
    });
    expect(corpus.ids).toBeInstanceOf(Uint16Array);
  });

  it('leaves out sentences without tokens, keeps documents, and takes written special tokens as characters', () => {
    const odd = encodeCorpus([['\u0007', 'wab'], ['\u200b'], ['[MASK]']], tokenizer);
    expect([...odd.documentStarts]).toEqual([0, 1, 1, 2]);
    expect([...odd.ids]).not.toContain(tokenizer.maskId);
  });
});

describe('pretrainingExamples with pairs', () => {
  const options = { maxLength: 64, nextSentence: true, seed: 3, epoch: 0 };
  const examples = pretrainingExamples(corpus, all, options);

  it('keeps to the length, and nearly fills it', () => {
    expect(Math.max(...examples.lengths)).toBeLessThanOrEqual(64);
    const mean = examples.lengths.reduce((sum, n) => sum + n, 0) / examples.count;
    expect(mean / 64).toBeGreaterThan(0.86);
    expect(Math.min(...examples.lengths)).toBeLessThan(32);
  });

  it('never has an empty side', () => {
    for (let i = 0; i < examples.count; i++) {
      expect(examples.aEnd[i]).toBeGreaterThan(examples.aStart[i]);
      expect(examples.bEnd[i]).toBeGreaterThan(examples.bStart[i]);
      expect(examples.lengths[i]).toBe(
        3 + examples.aEnd[i] - examples.aStart[i] + examples.bEnd[i] - examples.bStart[i],
      );
    }
  });

  it('follows A where it says so, and is from another document where not', () => {
    for (let i = 0; i < examples.count; i++) {
      const a = documentOf(examples.aStart[i]);
      expect(documentOf(examples.aEnd[i] - 1)).toBe(a);
      const b = documentOf(examples.bStart[i]);
      expect(documentOf(examples.bEnd[i] - 1)).toBe(b);
      if (examples.labels[i] === 1) expect(b).not.toBe(a);
      else {
        expect(b).toBe(a);
        // between A and B at most a sentence end, or what was cut off at A's back or B's front
        const gap = examples.bStart[i] - examples.aEnd[i];
        expect(gap).toBeGreaterThanOrEqual(0);
        const ends = [...Array(gap + 1).keys()].filter((k) => sentenceStarts.has(examples.aEnd[i] + k));
        expect(ends.length).toBeGreaterThanOrEqual(1);
      }
    }
  });

  it('has as many true as random pairs, within four standard deviations', () => {
    const random = examples.labels.reduce((sum, label) => sum + label, 0);
    const lone = documents.length; // a document's last sentence, when left alone, gets a random B
    expect(Math.abs(random - examples.count / 2)).toBeLessThan(2 * Math.sqrt(examples.count) + lone);
  });

  it('is a function of seed and epoch', () => {
    const flat = (e: PretrainingExamples) =>
      [e.aStart, e.aEnd, e.bStart, e.bEnd, e.labels].map((column) => [...column]);
    expect(flat(pretrainingExamples(corpus, all, options))).toEqual(flat(examples));
    expect(flat(pretrainingExamples(corpus, all, { ...options, epoch: 1 }))).not.toEqual(flat(examples));
    expect(flat(pretrainingExamples(corpus, all, { ...options, seed: 4 }))).not.toEqual(flat(examples));
  });

  it('uses the given documents only', () => {
    const some = Int32Array.of(3, 17, 20);
    const few = pretrainingExamples(corpus, some, options);
    const used = new Set([...few.aStart, ...few.bStart].map(documentOf));
    expect([...used].sort((a, b) => a - b)).toEqual([...some]);
  });

  it('never takes a copy of the true next sentence for a random one', () => {
    const doubled = encodeCorpus(
      [
        ['wab wcd', 'wef wgh'],
        ['wef wgh', 'wef wgh'],
      ],
      tokenizer,
    );
    const many = Array.from({ length: 200 }, (_, epoch) =>
      pretrainingExamples(doubled, Int32Array.of(0, 1), { ...options, epoch }),
    );
    for (const e of many) {
      for (let i = 0; i < e.count; i++) {
        if (e.labels[i] === 1) {
          const text = [...doubled.ids.subarray(e.bStart[i], e.bEnd[i])];
          expect(text.slice(0, 2)).not.toEqual([...tokenizer.encode('wef wgh').ids].slice(0, text.length));
        }
      }
    }
  });

  it('makes only true pairs of a single document', () => {
    const one = pretrainingExamples(corpus, Int32Array.of(7), options);
    expect(one.count).toBeGreaterThan(5);
    expect([...one.labels].every((label) => label === 0)).toBe(true);
  });
});

describe('pretrainingExamples with single segments', () => {
  const examples = pretrainingExamples(corpus, all, { maxLength: 32, nextSentence: false, seed: 3, epoch: 0 });

  it('goes through every sentence once, in order', () => {
    expect(Math.max(...examples.lengths)).toBeLessThanOrEqual(32);
    const touched = new Uint8Array(corpus.sentenceStarts.length - 1);
    for (let i = 0; i < examples.count; i++) {
      if (i > 0) expect(examples.aStart[i]).toBeGreaterThanOrEqual(examples.aEnd[i - 1]);
      touched.forEach((_, s) => {
        if (corpus.sentenceStarts[s] < examples.aEnd[i] && corpus.sentenceStarts[s + 1] > examples.aStart[i])
          touched[s]++;
      });
    }
    expect(touched.filter((n) => n > 0).length / touched.length).toBeGreaterThan(0.9);
    expect([...examples.bEnd].every((end) => end === 0)).toBe(true);
  });
});

describe('splitDocuments', () => {
  it('holds out every 20th, the first drawn from the seed', () => {
    const many = Array.from({ length: 100 }, (_, i) => [`text ${i}`]);
    const { train, validation } = splitDocuments(many, 0.05, 1);
    expect(validation).toHaveLength(5);
    expect([...validation].map((d) => d - validation[0])).toEqual([0, 20, 40, 60, 80]);
    expect([...train, ...validation].sort((a, b) => a - b)).toEqual([...many.keys()]);
    expect(splitDocuments(many, 0.05, 1)).toEqual({ train, validation });
    const firsts = new Set(Array.from({ length: 30 }, (_, seed) => splitDocuments(many, 0.05, seed).validation[0]));
    expect(firsts.size).toBeGreaterThan(5);
  });

  it.each([2, 3, 7, 50])('holds out at least one of %d and leaves at least one', (n) => {
    for (const fraction of [0.001, 0.05, 0.3, 0.5]) {
      const { train, validation } = splitDocuments(
        Array.from({ length: n }, (_, i) => [`${i}`]),
        fraction,
        9,
      );
      expect(validation.length).toBe(Math.max(1, Math.round(n * fraction)));
      expect(train.length).toBe(n - validation.length);
    }
  });

  it('never has copies of a document on both sides', () => {
    const copies = Array.from({ length: 60 }, (_, i) => [`text ${i % 20}`]);
    const { train, validation } = splitDocuments(copies, 0.2, 1);
    const held = new Set([...validation].map((d) => copies[d][0]));
    expect(held.size).toBe(4);
    expect(validation).toHaveLength(12);
    expect([...train].some((d) => held.has(copies[d][0]))).toBe(false);
  });
});

describe('the unigram floor', () => {
  it('is the cross entropy of smoothed counts', () => {
    const tiny: EncodedCorpus = {
      ids: Uint16Array.of(0, 1, 1, 2, 2, 2, 0),
      sentenceStarts: Int32Array.of(0, 6, 7),
      documentStarts: Int32Array.of(0, 1, 2),
    };
    const counts = unigramCounts(tiny, Int32Array.of(0), 4);
    expect([...counts]).toEqual([1, 2, 3, 0]);
    expect(unigramEntropy(counts, [0, 3])).toBeCloseTo(-(Math.log(2 / 10) + Math.log(1 / 10)) / 2, 12);
    expect(unigramEntropy(new Float64Array(50), [1, 2])).toBeCloseTo(Math.log(50), 12);
  });
});
