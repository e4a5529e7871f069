import type { ModelKind } from '@regatta/contracts';
import { AppError } from '@regatta/contracts';
import {
  type BertHeadShape,
  bertHeadParameters,
  bertParameters,
  bertPretrainingParameters,
  canonicalName,
  isPooled,
  matchWeights,
  type ParameterShape,
} from '@regatta/models/shapes';
import { encodeSafetensors, SafetensorsFile, type StoredTensor } from '@regatta/storage';
import type { ImportedConfig } from './read-config.js';
import { wrong } from './wrong.js';

const file = 'model.safetensors';
const decoder = 'cls.predictions.decoder.weight';
const wordEmbeddings = 'bert.embeddings.word_embeddings.weight';

/** Heads that a model of another class may carry along: passed over, as transformers does. */
const otherHeads = /^(cls|classifier|qa_outputs)\./;

/**
 * The weights of a BERT, as transformers of any age wrote them, under our names and as 32-bit floats.
 * @param path a safetensors file
 * @returns the bytes of a safetensors file, and how many numbers it holds
 * @throws AppError invalid-file naming the tensor that is missing, has another shape or no place
 */
export async function readWeights(path: string, config: ImportedConfig): Promise<{ bytes: Buffer; numbers: number }> {
  const source = await open(path);
  try {
    const parameters = parametersOf(config);
    const names = new Map([...source.tensors.keys()].map((name) => [name, name]));
    const { weights: places, missing, unused } = matchWeights(names, parameters);
    mustBeThere(missing, config);
    const stray = unused.filter((name) => !otherHeads.test(canonicalName(name)));
    if (stray.length > 0) throw wrong(file, `${stray.slice(0, 3).join(', ')}: such tensors are no part of a BERT`);
    const weights = new Map<string, StoredTensor>();
    for (const { name, shape, layout } of parameters) {
      const stored = places.get(name);
      if (stored === undefined) continue;
      // Hugging Face keeps linear weights as [out, in]
      const expected = layout === 'io' ? shape.toReversed() : shape;
      const found = source.tensors.get(stored)?.shape as number[];
      if (found.join() !== expected.join())
        throw wrong(file, `${stored} is [${found.join(', ')}]; by config.json it must be [${expected.join(', ')}]`);
      weights.set(name, await read(source, stored));
    }
    await mustBeTied(source, weights);
    const numbers = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    return { bytes: encodeSafetensors(weights, { format: 'pt' }), numbers };
  } finally {
    await source.close();
  }
}

/** Everything that the model may hold. */
function parametersOf({ sizes, kind, labels }: ImportedConfig): ParameterShape[] {
  const head = headOf(kind, labels.length);
  if (head) return bertHeadParameters(sizes, head);
  return kind === 'pretraining' ? bertPretrainingParameters(sizes) : bertParameters(sizes);
}

function headOf(kind: ModelKind | null, labels: number): BertHeadShape | null {
  if (kind === 'sequence-classification' || kind === 'token-classification') return { kind, labels };
  return kind === 'regression' || kind === 'question-answering' ? { kind } : null;
}

/** A pooler may be missing where no head reads it, and of the pretraining heads the one that was not trained. */
function mustBeThere(missing: string[], { kind, labels }: ImportedConfig): void {
  const head = headOf(kind, labels.length);
  const pooled = head !== null && isPooled(head);
  const absent = missing.filter((name) => !(name.startsWith('cls.') || (name.startsWith('bert.pooler.') && !pooled)));
  if (absent.length === 0) return;
  const more = absent.length > 3 ? ` and ${absent.length - 3} more` : '';
  throw wrong(file, `lacks ${absent.slice(0, 3).join(', ')}${more}`);
}

/** A decoder of its own would be another model than ours, whose output layer is the word embeddings. */
async function mustBeTied(source: SafetensorsFile, weights: Map<string, StoredTensor>): Promise<void> {
  if (!source.tensors.has(decoder)) return;
  const own = (await read(source, decoder)).data;
  const tied = weights.get(wordEmbeddings)?.data as Float32Array;
  if (own.length !== tied.length || own.some((value, i) => value !== tied[i]))
    throw wrong(file, `${decoder} differs from the word embeddings: the output layer must be tied to them`);
}

async function open(path: string): Promise<SafetensorsFile> {
  try {
    return await SafetensorsFile.open(path);
  } catch (error) {
    throw named(error);
  }
}

async function read(source: SafetensorsFile, name: string): Promise<StoredTensor> {
  let tensor: StoredTensor;
  try {
    tensor = await source.read(name);
  } catch (error) {
    throw named(error);
  }
  const odd = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw wrong(file, `${name} holds ${tensor.data[odd]} at place ${odd}: weights must be finite`);
  return tensor;
}

const named = (error: unknown): unknown =>
  error instanceof AppError && error.code === 'invalid-file' ? wrong(file, error.message, error.next) : error;
