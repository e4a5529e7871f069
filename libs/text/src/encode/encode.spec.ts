import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  answerTokens,
  encodedRows,
  encodeQuestion,
  encodeWords,
  lengthBuckets,
  rankAnswers,
  rowsBatch,
  taggedSpans,
  trainWordPiece,
  wordSpans,
} from '../index.js';

const sentences = [
  'The café of Zoë Müller opened in São Paulo, near the Avenida Ipiranga, in 1987.',
  'its owner sold espresso, cake and newspapers to sailors who had come ashore for a day.',
  'İstanbul and 東京 are far away; 😀 is an emoji, and עברית is written from the right.',
];
const tokenizer = trainWordPiece(sentences, { vocabSize: 160, lowercase: true });
const anyText = fc.string({
  unit: fc.constantFrom('a', 'é', 'É', ' ', 'ß', '東', '😀', '.', '\u0301', '\0', 'the', 'ש'),
  maxLength: 30,
});

describe('encodeWords', () => {
  it('puts every word into exactly one window of at most maxLength tokens, its label on its first piece', () => {
    const words = fc.array(fc.oneof(fc.constantFrom('the', 'newspapers', 'Zoë', '\u0301', 'x'.repeat(120)), anyText), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 8, max: 20 }), (tokens, maxLength) => {
        const windows = encodeWords(tokenizer, tokens, maxLength);
        let next = 0;
        for (const { ids, positions, firstWord } of windows) {
          expect(firstWord).toBe(next);
          next += positions.length;
          expect(ids.length).toBeLessThanOrEqual(maxLength);
          expect([ids[0], ids[ids.length - 1]]).toEqual([tokenizer.clsId, tokenizer.sepId]);
          positions.forEach((position, i) => {
            const pieces = tokenizer.encode(tokens[firstWord + i]).ids;
            expect(ids[position]).toBe(pieces.length === 0 ? tokenizer.unkId : pieces[0]);
            expect(positions[i + 1] ?? ids.length - 1).toBe(
              position + Math.max(1, Math.min(pieces.length, maxLength - 2)),
            );
          });
        }
        expect(next).toBe(tokens.length);
      }),
    );
  });
});

describe('spans of words', () => {
  it('are the original text, accents and emoji and all', () => {
    const text = '  Zoë\u0308 opened\tthe café, 東京!';
    const words = wordSpans(text, tokenizer);
    expect(words.map((word) => word.text)).toEqual(['Zoë\u0308', 'opened', 'the', 'café', ',', '東', '京', '!']);
    for (const { text: word, start, end } of words) expect(text.slice(start, end)).toBe(word);
  });

  it('become entities under IOB2 and IOBES, and one span a word under other tags', () => {
    const words = wordSpans('Zoë Müller met Ann in São Paulo', tokenizer);
    const entities = (tags: string[]) =>
      taggedSpans(words, tags, [1, 0.5, 1, 1, 1, 0.8, 0.6], tags).map(({ label, start, end, score }) => [
        label,
        start,
        end,
        score,
      ]);
    const found = [
      ['PER', 0, 10, 0.75],
      ['PER', 15, 18, 1],
      ['LOC', 22, 31, 0.7],
    ];
    expect(entities(['B-PER', 'I-PER', 'O', 'B-PER', 'O', 'B-LOC', 'I-LOC'])).toEqual(found);
    expect(entities(['B-PER', 'E-PER', 'O', 'S-PER', 'O', 'B-LOC', 'E-LOC'])).toEqual(found);
    expect(entities(['I-PER', 'I-PER', 'O', 'I-PER', 'O', 'I-LOC', 'I-LOC'])).toEqual(found);
    expect(entities(['B-PER', 'B-PER', 'I-LOC', 'O', 'O', 'O', 'O'])).toEqual([
      ['PER', 0, 3, 1],
      ['PER', 4, 10, 0.5],
      ['LOC', 11, 14, 1],
    ]);
    expect(entities(['np', 'np', 'vbd', 'np', 'in', 'np', 'np'])).toHaveLength(7);
  });
});

describe('encodeQuestion', () => {
  const context = sentences.join(' ');

  it('covers the context with windows that overlap as asked, the whole question in each', () => {
    const question = 'Where is the café?';
    const asked = tokenizer.encode(question).ids;
    const all = tokenizer.encode(context);
    const windows = encodeQuestion(tokenizer, question, context, {
      maxLength: asked.length + 3 + 20,
      documentStride: 6,
    });
    expect(windows.length).toBeGreaterThan(2);
    let covered = 0;
    windows.forEach(({ ids, tokenTypeIds, contextStart, offsets }, w) => {
      expect([...ids.subarray(0, contextStart)]).toEqual([tokenizer.clsId, ...asked, tokenizer.sepId]);
      expect(tokenTypeIds.indexOf(1)).toBe(contextStart);
      const from = w * 14;
      expect(from).toBeLessThanOrEqual(covered);
      expect(offsets).toEqual(all.offsets.slice(from, from + 20));
      expect([...ids.subarray(contextStart, -1)]).toEqual([...all.ids.subarray(from, from + 20)]);
      covered = from + offsets.length;
    });
    expect(covered).toBe(all.ids.length);
  });

  it('ends, with room for the context, however long the question and however wide the stride', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.integer({ min: 8, max: 16 }),
        fc.integer({ min: 1, max: 99 }),
        (q, c, maxLength, documentStride) => {
          const windows = encodeQuestion(tokenizer, q.repeat(4), c.repeat(3), { maxLength, documentStride });
          const tokens = tokenizer.encode(c.repeat(3)).ids.length;
          expect(windows.length).toBeLessThanOrEqual(Math.max(1, tokens));
          for (const { ids } of windows) expect(ids.length).toBeLessThanOrEqual(maxLength);
          const last = windows[windows.length - 1].offsets;
          expect(last[last.length - 1]).toEqual(tokenizer.encode(c.repeat(3)).offsets.at(-1));
        },
      ),
    );
  });

  it('maps an answer to its tokens where a window holds all of it, else to [CLS]', () => {
    const words = ['café', 'Zoë Müller', 'São Paulo', '1987', 'İstanbul', '東京', 'עברית', 'newspapers to sailors'];
    for (const text of words) {
      const answer = { text, start: context.indexOf(text) };
      const windows = encodeQuestion(tokenizer, 'what?', context, { maxLength: 56, documentStride: 26 });
      const places = windows.map((window) => answerTokens(window, answer));
      expect(places.filter(([start]) => start > 0).length).toBeGreaterThan(0);
      places.forEach(([start, end], w) => {
        const { offsets, contextStart } = windows[w];
        if (start === 0) {
          expect(end).toBe(0);
          const [from, to] = [offsets[0][0], offsets[offsets.length - 1][1]];
          expect(answer.start < from || answer.start + text.length > to).toBe(true);
        } else {
          expect(context.slice(offsets[start - contextStart][0], offsets[end - contextStart][1])).toBe(text);
        }
      });
    }
    const accented = 'seen by Zoe\u0308';
    const [only] = encodeQuestion(tokenizer, 'who?', accented, { maxLength: 40, documentStride: 6 });
    const [start, end] = answerTokens(only, { text: 'Zoe\u0308', start: 8 });
    const zeros = new Float32Array(40);
    const ranked = rankAnswers([only], [zeros.with(start, 9)], [zeros.with(end, 9)], {
      context: accented,
      maxAnswerLength: 9,
      unanswerable: true,
    });
    expect(ranked[0].answer).toBe('Zoe\u0308');
    const [window] = encodeQuestion(tokenizer, 'what?', context, { maxLength: 400, documentStride: 12 });
    expect(answerTokens(window, undefined)).toEqual([0, 0]);
    expect(
      answerTokens(encodeQuestion(tokenizer, 'what?', ' \0 ', { maxLength: 32, documentStride: 4 })[0], {
        text: '\0',
        start: 1,
      }),
    ).toEqual([0, 0]);
  });
});

describe('rankAnswers', () => {
  const context = 'Anna Lee was born in Köln in 1961';
  const windows = encodeQuestion(tokenizer, 'who?', context, { maxLength: 24, documentStride: 6 });
  const options = { context, maxAnswerLength: 5, unanswerable: false };
  const logits = (seed: number) =>
    windows.map(({ ids }, w) => Float32Array.from(ids, (_, t) => Math.sin(seed + 7 * w + 3.1 * t) * 4));

  it('gives the best spans inside the context, start before end and not too long, as trying all of them does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 9 }), (seed, maxAnswerLength) => {
        const [starts, ends] = [logits(seed), logits(seed + 0.5)];
        const all = windows.flatMap(({ contextStart, offsets }, w) =>
          offsets.flatMap(([start], i) =>
            offsets.slice(i, i + maxAnswerLength).map(([, end], n) => ({
              start,
              end,
              sum: starts[w][contextStart + i] + ends[w][contextStart + i + n],
            })),
          ),
        );
        const best = Math.max(...all.map(({ sum }) => sum));
        const ranked = rankAnswers(windows, starts, ends, { ...options, maxAnswerLength });
        expect(all.find(({ sum }) => sum === best)).toMatchObject({ start: ranked[0].start, end: ranked[0].end });
        for (const { answer, start, end } of ranked) expect(context.slice(start as number, end as number)).toBe(answer);
        expect(ranked.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 9);
        expect(new Set(ranked.map(({ start, end }) => `${start} ${end}`)).size).toBe(ranked.length);
      }),
      { numRuns: 50 },
    );
  });

  it('answers with none where every window gives [CLS] more, and only where that is allowed', () => {
    const [starts, ends] = [logits(3), logits(4)];
    for (const row of [...starts, ...ends]) row[0] = 5;
    expect(rankAnswers(windows, starts, ends, { ...options, unanswerable: true })[0].answer).toBeNull();
    expect(rankAnswers(windows, starts, ends, options)[0].answer).not.toBeNull();
    starts[0][0] = -20;
    const ranked = rankAnswers(windows, starts, ends, { ...options, unanswerable: true });
    expect(ranked[0].answer).not.toBeNull();
    expect(ranked.filter(({ answer }) => answer === null)).toHaveLength(1);
  });

  it('finds no answer in an empty context', () => {
    const empty = encodeQuestion(tokenizer, 'who?', ' ', { maxLength: 24, documentStride: 6 });
    const zeros = [new Float32Array(24)];
    expect(rankAnswers(empty, zeros, zeros, { ...options, context: ' ' })).toEqual([]);
    expect(rankAnswers(empty, zeros, zeros, { ...options, context: ' ', unanswerable: true })).toMatchObject([
      { answer: null, score: 1 },
    ]);
  });
});

describe('rows', () => {
  it('are padded to a batch, with labels by layout and no weight for what only fills it', () => {
    const tokens = encodedRows(
      [
        { ids: [2, 7, 8, 3], labels: [-1, 1, 0, -1] },
        { ids: [2, 9, 3], tokenTypeIds: [0, 1, 1], labels: [-1, 2, -1] },
      ],
      'token',
    );
    expect([...tokens.counts]).toEqual([2, 1]);
    expect(rowsBatch(tokens, { rows: Int32Array.of(1, 0, 1), length: 5, padId: 0, firstRow: 4, real: 6 })).toEqual({
      inputIds: Int32Array.of(2, 9, 3, 0, 0, 2, 7, 8, 3, 0, 2, 9, 3, 0, 0),
      tokenTypeIds: Int32Array.of(0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0),
      attentionMask: Int32Array.of(1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0),
      weights: Float32Array.of(1, 1, 0),
      labels: Int32Array.of(-1, 2, -1, -1, -1, -1, 1, 0, -1, -1, -1, 2, -1, -1, -1),
    });
    const spans = encodedRows(
      [
        { ids: [2, 3], labels: [0, 0] },
        { ids: [2, 5, 3], labels: [1, 1] },
      ],
      'span',
    );
    expect([...rowsBatch(spans, { rows: Int32Array.of(1, 0), length: 3, padId: 0 }).labels]).toEqual([1, 1, 0, 0]);
    const values = encodedRows([{ ids: [2, 3], labels: [0.5] }], 'row', { real: true });
    expect(rowsBatch(values, { rows: Int32Array.of(0), length: 3, padId: 0 }).labels).toEqual(Float32Array.of(0.5));
  });
});

describe('lengthBuckets', () => {
  const padded = (lengths: number[], buckets: number[]) =>
    lengths.reduce((sum, length) => sum + (buckets.find((bucket) => bucket >= length) as number), 0);

  it('are at most four, hold every row, fill, and pad less than one bucket', () => {
    const lengths = fc.array(fc.integer({ min: 2, max: 100 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(lengths, (all) => {
        const buckets = lengthBuckets(Int32Array.from(all), 100, 10);
        expect(buckets.length).toBeLessThanOrEqual(4);
        expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
        expect(buckets[buckets.length - 1]).toBeGreaterThanOrEqual(Math.max(...all));
        expect(buckets[buckets.length - 1]).toBeLessThanOrEqual(100);
        buckets.slice(0, -1).forEach((bucket, b) => {
          expect(
            all.filter((length) => length <= bucket && length > (buckets[b - 1] ?? 0)).length,
          ).toBeGreaterThanOrEqual(10);
        });
        expect(padded(all, buckets)).toBeLessThanOrEqual(padded(all, buckets.slice(-1)));
      }),
    );
  });

  it('follow the lengths', () => {
    const lengths = Int32Array.from({ length: 400 }, (_, i) => (i < 300 ? 11 : i < 390 ? 47 : 120));
    expect(lengthBuckets(lengths, 128, 10)).toEqual([12, 48, 128]);
  });
});
