// Against transformers' fast tokenizer (test/golden/make_question_windows.py).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { encodeQuestion, WordPieceTokenizer } from '../index.js';

const file = new URL('../../../../test/golden/question-windows.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8'));
const tokenizer = new WordPieceTokenizer(golden.vocabulary, { lowercase: true });

describe('the windows of a question', () => {
  it.each(golden.cases as Record<string, never>[])(
    'are transformers’ for "$question", $maxLength tokens that share $documentStride',
    ({ question, context, maxLength, documentStride, windows }) => {
      const ours = encodeQuestion(tokenizer, question, context, { maxLength, documentStride });
      expect(
        ours.map(({ ids, tokenTypeIds, offsets }) => ({ ids: [...ids], types: [...tokenTypeIds], offsets })),
      ).toEqual(windows);
    },
  );
});
