import type { ConfigOf } from '@regatta/contracts';
import type { EvaluationWork } from '../../task.js';
import { translationLosses } from '../../translator/evaluate.js';
import { pairLengths, selectPairs, sentence, tokenCounts } from '../../translator/pairs.js';
import { translationQuality } from '../../translator/quality.js';
import type { Translator } from '../../translator/translator.js';
import type { HeldOutPairs, TranslationData } from './data.js';

/** A translation of one shard: the pair's number and its text. */
type Told = [number, string];

/**
 * The held-out part of a run: losses under teacher forcing on all its pairs, translations of some of them. Every shard has pairs of like
 * length, so that few are decoded further than they need.
 */
export function translationEvaluation(
  config: ConfigOf<'translate'>,
  { heldOut, baselines }: TranslationData,
  buckets: readonly number[],
  translator: Translator,
): EvaluationWork | null {
  if (heldOut === null) return null;
  const { pairs, texts, translated } = heldOut;
  const { logicalShards } = config.distributed;
  const { beamSize, lengthPenalty } = config.translation;
  const scored = dealByLength(heldOut, texts.length, logicalShards);
  const toTranslate = dealByLength(heldOut, translated, logicalShards);
  const { target: targetTokens } = tokenCounts(pairs, texts.keys());
  const { target } = translator.tokenizers;
  return {
    async run(shard) {
      const shapes = { batch: config.training.microBatchSize, buckets };
      const sums = await translator.score(selectPairs(pairs, scored[shard]), shapes);
      const sources = toTranslate[shard].map((row) => sentence(pairs.source, row));
      const found = await translator.search(sources, { beamSize, lengthPenalty });
      const outputs = found.map(({ tokens }, i): Told => [toTranslate[shard][i], target.decode(tokens)]);
      return { sums, outputs };
    },
    report(sums, outputs) {
      const predicted = new Map((outputs as Told[][]).flat());
      const { metrics, samples } = translationQuality(
        texts.slice(0, translated).map((text, row) => ({
          source: text.source,
          sourceLength: sentence(pairs.source, row).length,
          expected: text.target,
          predicted: predicted.get(row) as string,
        })),
      );
      return {
        metrics: { ...translationLosses(sums, targetTokens, config.translation.labelSmoothing), ...metrics },
        samples,
      };
    },
    baselines,
  };
}

/** Deals the first `count` pairs to the shards by length, short and long stretches by turns, so that the ranks have about as much to do. */
function dealByLength({ pairs }: HeldOutPairs, count: number, shards: number): number[][] {
  const lengths = pairLengths(pairs);
  const rows = Array.from({ length: count }, (_, row) => row).sort((a, b) => lengths[a] - lengths[b] || a - b);
  const stretch = (i: number) => rows.slice(Math.floor((i * count) / shards), Math.floor(((i + 1) * count) / shards));
  return Array.from({ length: shards }, (_, shard) => stretch(shard % 2 === 0 ? shard / 2 : shards - (shard + 1) / 2));
}
