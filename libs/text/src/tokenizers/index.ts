import { AppError } from '@regatta/contracts';
import { z } from 'zod';
import { add, mostFirst } from '../train-wordpiece.js';
import { BpeTokenizer } from './bpe.js';
import { CharacterTokenizer, charactersOf } from './characters.js';
import { type TextTokenizer, type TokenizerType, textSpecials } from './text-tokenizer.js';
import { trainBpe } from './train-bpe.js';
import { trainWordPieceText, WordPieceText } from './wordpiece-text.js';
import { WordTokenizer, wordsOf } from './words.js';

export type { TextTokenizer, TokenizerType } from './text-tokenizer.js';

export interface TokenizerOptions {
  type: TokenizerType;
  /** Most entries of the vocabulary, special tokens included. */
  vocabSize: number;
  /** Lower-case the text; accents stay. */
  lowercase: boolean;
}

/**
 * Trains the tokenizer of one language. The same texts in any order give the same vocabulary.
 * @param texts of the training split alone
 * @throws AppError `invalid-file` where the texts hold nothing to learn from, `invalid` where vocabSize is too small
 */
export function trainTokenizer(texts: Iterable<string>, options: TokenizerOptions): TextTokenizer {
  const { type, vocabSize, lowercase } = options;
  if (type === 'bpe') return trainBpe(texts, vocabSize, lowercase);
  if (type === 'wordpiece') return trainWordPieceText(texts, vocabSize, lowercase);
  if (type === 'words') return new WordTokenizer(mostFrequent(texts, wordsOf, options), lowercase);
  return new CharacterTokenizer(mostFrequent(texts, charactersOf, options), lowercase);
}

const wordsFile = z.object({ type: z.literal('words'), lowercase: z.boolean(), vocab: z.array(z.string()) });
const normalizer = z.object({
  type: z.string(),
  lowercase: z.boolean().optional(),
  normalizers: z.array(z.object({ type: z.string(), lowercase: z.boolean().optional() })).optional(),
});
const tokenizerFile = z.object({
  normalizer: normalizer.nullable(),
  pre_tokenizer: z.object({ type: z.string() }).nullable(),
  model: z.object({
    type: z.enum(['BPE', 'WordPiece']),
    vocab: z.record(z.string(), z.number().int()),
    merges: z.array(z.tuple([z.string(), z.string()])).optional(),
  }),
});

/**
 * Reads what `TextTokenizer.toJson` wrote.
 * @throws AppError `invalid-file` where it is something else
 */
export function loadTokenizer(json: string): TextTokenizer {
  try {
    const file = z.union([wordsFile, tokenizerFile]).parse(JSON.parse(json));
    if ('vocab' in file) return new WordTokenizer(file.vocab, file.lowercase);
    const { model, normalizer } = file;
    const vocab: string[] = [];
    for (const [token, id] of Object.entries(model.vocab)) vocab[id] = token;
    const lowercase = [normalizer, ...(normalizer?.normalizers ?? [])].some(
      (part) => part?.type === 'Lowercase' || part?.lowercase === true,
    );
    if (model.type === 'WordPiece') return new WordPieceText(vocab, lowercase);
    // Single characters are byte-pair encoding without a pre-tokenizer.
    if (file.pre_tokenizer === null) return new CharacterTokenizer(vocab, lowercase);
    return new BpeTokenizer(vocab, model.merges ?? [], lowercase);
  } catch (cause) {
    throw new AppError('invalid-file', 'This is not the tokenizer of a translation model.', {
      next: 'Use the tokenizer file that was saved with the model.',
      cause,
    });
  }
}

function mostFrequent(
  texts: Iterable<string>,
  tokensOf: (text: string, lowercase: boolean) => string[],
  { vocabSize, lowercase }: TokenizerOptions,
): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const token of tokensOf(text, lowercase)) add(counts, token, 1);
  if (counts.size === 0) {
    throw new AppError('invalid-file', 'The text holds no word to train a vocabulary from.', {
      next: 'Upload a text with words in it.',
    });
  }
  const tokens = mostFirst(counts).map(([token]) => token);
  return [...textSpecials, ...tokens.slice(0, Math.max(0, vocabSize - textSpecials.length))];
}
