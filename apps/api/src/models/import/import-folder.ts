import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ModelKind } from '@regatta/contracts';
import { openStore } from '@regatta/storage';
import { readConfig } from './read-config.js';
import { readTokenizer } from './read-tokenizer.js';
import { readWeights } from './read-weights.js';
import { wrong } from './wrong.js';

export const importedFiles = [
  'config.json',
  'model.safetensors',
  'vocab.txt',
  'tokenizer.json',
  'tokenizer_config.json',
] as const;
type ImportedFile = (typeof importedFiles)[number];

/** Which of the files were sent, and where they lie; the store's checkpoint 0 of `owner` is made of them. */
export interface ImportJob {
  files: Partial<Record<ImportedFile, string>>;
  artifactsUrl: string;
  owner: string;
}

export interface ImportedModel {
  kind: ModelKind | null;
  config: Record<string, unknown>;
  parameters: number;
  weightsSha256: string;
}

const longestText = 64 * 2 ** 20;

/**
 * Checks a Hugging Face BERT folder and stores it as a checkpoint like those of runs.
 * @throws AppError invalid-file naming the file and what is wrong with it
 */
export async function importFolder({ files, artifactsUrl, owner }: ImportJob): Promise<ImportedModel> {
  if (!files['model.safetensors'])
    throw wrong(
      'model.safetensors',
      'is missing',
      'Save the model with transformers’ save_pretrained, which writes it',
    );
  const config = readConfig(await text(files, 'config.json'));
  const tokenizer = readTokenizer(
    {
      'vocab.txt': files['vocab.txt'] && (await text(files, 'vocab.txt')),
      'tokenizer.json': files['tokenizer.json'] && (await text(files, 'tokenizer.json')),
      'tokenizer_config.json': files['tokenizer_config.json'] && (await text(files, 'tokenizer_config.json')),
    },
    config.sizes.vocabSize,
  );
  const { bytes, numbers } = await readWeights(files['model.safetensors'], config);
  const weightsSha256 = createHash('sha256').update(bytes).digest('hex');
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const checkpoint = {
    'config.json': json(config.json),
    'model.safetensors': bytes,
    'vocab.txt': Buffer.from(tokenizer.vocabTxt()),
    'tokenizer.json': Buffer.from(tokenizer.tokenizerJson()),
    'tokenizer_config.json': json({
      tokenizer_class: 'BertTokenizer',
      do_lower_case: tokenizer.lowercase,
      model_max_length: config.sizes.maxPositionEmbeddings,
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      mask_token: '[MASK]',
    }),
  };
  await openStore(artifactsUrl).writeCheckpoint(owner, 0, checkpoint, { weightsSha256, metrics: {} });
  return { kind: config.kind, config: config.json, parameters: numbers, weightsSha256 };
}

async function text(files: ImportJob['files'], name: ImportedFile): Promise<string> {
  const path = files[name];
  if (path === undefined) throw wrong(name, 'is missing');
  if ((await stat(path)).size > longestText) throw wrong(name, `is larger than ${longestText / 2 ** 20} MiB`);
  const bytes = await readFile(path);
  try {
    // a byte-order mark is left out
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrong(name, 'is not UTF-8');
  }
}
