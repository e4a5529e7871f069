import type { AttentionMaps } from '@regatta/contracts';
import type { Hypothesis } from '@regatta/models';
import type { TextTokenizer } from '@regatta/text';
import { placeSources } from './decoder.js';
import { attentionHeads, type TranslationModelConfig } from './model.js';
import type { SpecialIds } from './pairs.js';
import type { TranslationPrograms } from './programs.js';
import { decodingShape } from './search.js';

/**
 * The encoder's attention within a source, [layer][head][query][key], end token included; null for an encoder without attention.
 * @throws RangeError where the source is longer than the model takes
 */
export async function selfAttention(
  programs: TranslationPrograms,
  config: TranslationModelConfig,
  source: Int32Array,
  special: SpecialIds,
): Promise<AttentionMaps['self']> {
  const { sourceLength } = decodingShape(config.maxLength, 1, source.length + 1);
  const compiled = await programs.encoderAttention({ batch: 1, sourceLength });
  if (compiled === null) return null;
  placeSources(compiled.program.inputs, { batch: 1, sourceLength }, [source], 1, special);
  const { data } = (await compiled.program.run()).attention;
  const { layers, heads } = attentionHeads(config);
  const length = source.length + 1;
  const row = (map: number, query: number) => {
    const start = (map * sourceLength + query) * sourceLength;
    return Array.from(data.subarray(start, start + length));
  };
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: heads }, (_, head) => Array.from({ length }, (_, query) => row(layer * heads + head, query))),
  );
}

/** A translation's attention to its source by layer and head; end tokens included. `cross` is null for a model without attention. */
export function attentionMaps(
  config: TranslationModelConfig,
  { source: from, target: to }: { source: TextTokenizer; target: TextTokenizer },
  source: Int32Array,
  { tokens, finished, attention }: Hypothesis,
  self: AttentionMaps['self'],
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
    self,
    cross: attention ? cross : null,
    tokens: names(source, from, true),
    targetTokens: names(tokens, to, finished),
  };
}
