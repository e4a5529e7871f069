import type { AttentionMaps } from '@regatta/contracts';
import type { Hypothesis } from '@regatta/models';
import type { TextTokenizer } from '@regatta/text';
import { attentionHeads, type TranslationModelConfig } from './model.js';

/** A translation's attention to its source by layer and head; end tokens included. `cross` is null for a model without attention. */
export function attentionMaps(
  config: TranslationModelConfig,
  { source: from, target: to }: { source: TextTokenizer; target: TextTokenizer },
  source: Int32Array,
  { tokens, finished, attention }: Hypothesis,
): AttentionMaps {
  const { layers, heads } = attentionHeads(config);
  const width = source.length + 1;
  const rowOf = (weights: Float32Array, place: number) => {
    const padded = weights.length / (layers * heads);
    return Array.from(weights.subarray(place * padded, place * padded + width));
  };
  const cross = Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: heads }, (_, head) => (attention ?? []).map((step) => rowOf(step, layer * heads + head))),
  );
  const names = (ids: Int32Array, { vocab, eosId }: TextTokenizer, ended: boolean) => [
    ...Array.from(ids, (id) => vocab[id]),
    ...(ended ? [vocab[eosId]] : []),
  ];
  return {
    self: null,
    cross: attention ? cross : null,
    tokens: names(source, from, true),
    targetTokens: names(tokens, to, finished),
  };
}
