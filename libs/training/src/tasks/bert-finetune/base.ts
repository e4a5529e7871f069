import { AppError, type BaseModel, modelKindOf } from '@regatta/contracts';
import type { NamedTensor } from '@regatta/engine';
import { type BertConfig, bertConfigFile, matchWeights, type ParameterShape, sizesOf } from '@regatta/models';
import { type ArtifactStore, decodeSafetensors } from '@regatta/storage';
import { WordPieceTokenizer } from '@regatta/text';
import { z } from 'zod';

/** What a config.json says that fine-tuning reads. */
const configFile = bertConfigFile.extend({ id2label: z.record(z.string(), z.string()).default({}) });
const tokenizerFile = z.object({ do_lower_case: z.boolean().default(true) });

/** The model that a run starts from. */
export interface Base {
  /** Its dropout counts for nothing: the run chooses. */
  config: BertConfig;
  tokenizer: WordPieceTokenizer;
  /** Labels of its head by their numbers; empty where it has none. */
  labels: string[];
  /** What it was trained for: a ModelKind, or null for an encoder. */
  kind: ReturnType<typeof modelKindOf>;
  tensors: ReadonlyMap<string, NamedTensor>;
}

/** Parts that a new head may start without. */
const dispensable = /^(bert\.pooler\.|classifier\.|qa_outputs\.)/;

/** @throws AppError `not-found`, `checkpoint-corrupt` as the store does; `invalid` for a model that is no BERT */
export async function readBase(store: ArtifactStore, { owner, step, name }: BaseModel): Promise<Base> {
  const { files } = await store.readCheckpoint(owner, step);
  const json = (file: string): unknown => JSON.parse(files[file]?.toString() ?? '{}');
  const config = configFile.safeParse(json('config.json'));
  const kind = modelKindOf(json('config.json'));
  if (!config.success || kind === 'translation' || !files['vocab.txt']) {
    throw new AppError('invalid', `The model ${name} is no BERT that could be fine-tuned.`, {
      next: 'Give a BERT that was pretrained or fine-tuned here, or imported.',
      cause: config.error,
    });
  }
  const file = config.data;
  const { do_lower_case: lowercase } = tokenizerFile.parse(json('tokenizer_config.json'));
  return {
    config: sizesOf(file),
    tokenizer: WordPieceTokenizer.fromVocabTxt(files['vocab.txt'].toString(), { lowercase }),
    labels: Array.from({ length: Object.keys(file.id2label).length }, (_, i) => file.id2label[i]),
    kind,
    tensors: decodeSafetensors(files['model.safetensors']),
  };
}

/**
 * The base's tensors for a model's parameters. The output layer comes along only where it means the same: `keepHead`.
 * @throws AppError `invalid` where a part of the encoder is missing
 */
export function baseWeights(
  { tensors }: Base,
  parameters: readonly ParameterShape[],
  keepHead: boolean,
): Map<string, NamedTensor> {
  const { weights, missing } = matchWeights(tensors, parameters);
  const lost = missing.filter((parameter) => !dispensable.test(parameter));
  if (lost.length > 0) {
    throw new AppError('invalid', `The base lacks ${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ', …' : ''}.`, {
      next: 'Use a base with all the weights of a BERT.',
    });
  }
  if (!keepHead) {
    for (const name of weights.keys()) if (/^(classifier|qa_outputs)\./.test(name)) weights.delete(name);
  }
  return weights;
}
