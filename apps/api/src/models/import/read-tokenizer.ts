import { AppError } from '@regatta/contracts';
import { WordPieceTokenizer } from '@regatta/text';
import { z } from 'zod';
import { wrong } from './wrong.js';

const tokenizerJsonFile = z.object({
  normalizer: z
    .object({ type: z.literal('BertNormalizer'), lowercase: z.boolean(), strip_accents: z.boolean().nullish() })
    .nullish(),
  model: z.object({ type: z.literal('WordPiece').optional(), vocab: z.record(z.string(), z.number().int()) }),
});
const tokenizerConfigFile = z.object({
  do_lower_case: z.boolean().optional(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().default(true),
});

interface TokenizerTexts {
  'vocab.txt'?: string;
  'tokenizer.json'?: string;
  'tokenizer_config.json'?: string;
}

/**
 * The WordPiece tokenizer of a Hugging Face folder, whose vocabulary stands in vocab.txt or else in tokenizer.json.
 * @throws AppError invalid-file naming the file
 */
export function readTokenizer(texts: TokenizerTexts, vocabSize: number): WordPieceTokenizer {
  const config = parse(tokenizerConfigFile, 'tokenizer_config.json', texts['tokenizer_config.json'] ?? '{}');
  const json = texts['tokenizer.json'];
  const whole = json === undefined ? undefined : parse(tokenizerJsonFile, 'tokenizer.json', json);
  const lowercase = whole?.normalizer?.lowercase ?? config.do_lower_case ?? true;
  const strip = whole?.normalizer?.strip_accents ?? config.strip_accents ?? lowercase;
  if (strip !== lowercase || !config.tokenize_chinese_chars)
    throw wrong(
      'tokenizer_config.json',
      'asks for another treatment of accents or Chinese characters than BERT’s (stripped where lower-cased, and apart)',
    );
  const [source, vocab] = vocabularyOf(texts['vocab.txt'], whole?.model.vocab);
  if (vocab.length > vocabSize)
    throw wrong(source, `has ${vocab.length} tokens, more than the model's vocab_size (${vocabSize})`);
  try {
    return new WordPieceTokenizer(vocab, { lowercase });
  } catch (error) {
    if (error instanceof AppError) throw wrong(source, error.message, error.next);
    throw error;
  }
}

function vocabularyOf(txt: string | undefined, byToken: Record<string, number> | undefined): [string, string[]] {
  if (txt !== undefined) {
    const lines = txt.split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    return ['vocab.txt', lines];
  }
  if (byToken === undefined) throw wrong('vocab.txt', 'is missing, and tokenizer.json too');
  const vocab: string[] = [];
  for (const [token, id] of Object.entries(byToken)) vocab[id] = token;
  if (vocab.length !== Object.keys(byToken).length || vocab.includes(undefined as never))
    throw wrong('tokenizer.json', 'has a vocabulary whose ids are not 0, 1, 2, …');
  return ['tokenizer.json', vocab];
}

function parse<T extends z.ZodType>(schema: T, file: string, text: string): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong(file, 'is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw wrong(`${file}.${path.join('.')}`, `${message}; only BERT's WordPiece tokenizers can be used here`);
}
