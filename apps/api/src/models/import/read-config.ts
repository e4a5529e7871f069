import { AppError, type ModelKind, modelKindOf } from '@regatta/contracts';
import type { BertConfig } from '@regatta/models/shapes';
import { bertConfigFile, sizesOf } from '@regatta/models/shapes';
import { unstorable } from '../../http/unstorable.js';
import { wrong } from './wrong.js';

export interface ImportedConfig {
  /** config.json as it is kept: what it left to defaults and what decides the kind is written out. */
  json: Record<string, unknown>;
  sizes: BertConfig;
  kind: ModelKind | null;
  /** Of a classifier; empty for other heads. */
  labels: string[];
}

/** What would compute something else than our BERT. */
const unsupported: [field: string, allowed: readonly unknown[], why: string][] = [
  ['hidden_act', [undefined, null, 'gelu'], 'must be gelu, by the error function: others give other numbers'],
  ['position_embedding_type', [undefined, null, 'absolute'], 'must be absolute'],
  ['is_decoder', [undefined, null, false], 'must be false: only encoders can be used here'],
  ['add_cross_attention', [undefined, null, false], 'must be false: only encoders can be used here'],
  ['tie_word_embeddings', [undefined, null, true], 'must be true: the output layer shares the word embeddings'],
];

/** @throws AppError invalid-file naming the field of config.json that cannot be used */
export function readConfig(text: string): ImportedConfig {
  const json = parse(text);
  const architectures = json.architectures;
  // configurations before 2019 say only the class
  if (json.model_type === undefined && String(architectures).startsWith('Bert')) json.model_type = 'bert';
  if (json.model_type !== 'bert')
    throw wrong('config.json.model_type', `must be bert, not ${JSON.stringify(json.model_type ?? null)}`);
  for (const [field, allowed, why] of unsupported)
    if (!allowed.includes(json[field])) throw wrong(`config.json.${field}`, why);
  const sizes = readSizes(json);
  const kind = readKind(json);
  const labels = kind === 'sequence-classification' || kind === 'token-classification' ? readLabels(json) : [];
  // a classifier with one output is a regression for transformers, said or not
  const regression = kind === 'sequence-classification' && labels.length === 1 && json.problem_type == null;
  if (regression) return { json: { ...json, problem_type: 'regression' }, sizes, kind: 'regression', labels: [] };
  const named = labels.length > 0 ? { id2label: Object.fromEntries(labels.entries()) } : {};
  return { json: { ...json, ...named }, sizes, kind, labels };
}

function parse(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong('config.json', 'is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong('config.json', 'is not an object');
  const odd = unstorable(json);
  if (odd) throw wrong(`config.json.${odd.path}`, odd.message);
  return json as Record<string, unknown>;
}

function readSizes(json: Record<string, unknown>): BertConfig {
  const parsed = bertConfigFile.safeParse(json);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw wrong(`config.json.${path.join('.')}`, message);
  }
  Object.assign(json, parsed.data);
  const sizes = sizesOf(parsed.data);
  if (sizes.hiddenSize % sizes.numAttentionHeads !== 0)
    throw wrong('config.json.hidden_size', `must be a multiple of num_attention_heads (${sizes.numAttentionHeads})`);
  return sizes;
}

function readKind(json: Record<string, unknown>): ModelKind | null {
  try {
    return modelKindOf(json);
  } catch (error) {
    if (error instanceof AppError) throw wrong('config.json.architectures', error.message, error.next);
    throw error;
  }
}

/** By their numbers; transformers' default is two. */
function readLabels({ id2label, num_labels: count }: Record<string, unknown>): string[] {
  const unnamed = typeof count === 'number' && count >= 1 && count <= 100_000 ? Math.floor(count) : 2;
  const names = (id2label ?? {}) as Record<string, unknown>;
  const size = Object.keys(names).length || unnamed;
  const labels = Array.from({ length: size }, (_, i) => names[i] ?? `LABEL_${i}`);
  if (labels.some((label) => typeof label !== 'string') || Object.keys(names).some((id) => !(Number(id) < size)))
    throw wrong('config.json.id2label', 'must name the labels 0, 1, … by texts');
  return labels as string[];
}
