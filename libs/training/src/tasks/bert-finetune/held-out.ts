import type { EvaluationWork } from '../../task.js';
import type { FinetuningData, HeldOutExample } from './data.js';
import type { ModelRow } from './evaluate-finetuned.js';
import type { HeadGraphs } from './graphs.js';
import type { RowLogits } from './head.js';

/** What a shard's evaluation gives beside its sums: the number of each of its examples and what was predicted for it. */
interface ShardOutputs {
  counted: number;
  predictions: [example: number, prediction: unknown][];
}

export interface HeldOutOptions {
  data: FinetuningData;
  graphs: ReadonlyMap<number, HeadGraphs>;
  /** Rows a graph run. */
  batch: number;
  logicalShards: number;
  sums: readonly string[];
}

/** The held-out part of a run: the same examples at every evaluation, whole examples to a shard. null where nothing is held out. */
export function heldOutWork(options: HeldOutOptions): EvaluationWork | null {
  const { data, logicalShards, sums: names } = options;
  const { heldOut, head, context } = data;
  if (heldOut.length === 0) return null;
  // dealt by length, so that the shards have about as much to do
  const size = (i: number) => heldOut[i].encoded.rows.reduce((tokens, { ids }) => tokens + ids.length, 0);
  const byLength = Array.from(heldOut.keys()).sort((a, b) => size(a) - size(b) || a - b);
  let baselines: Record<string, number> | undefined;
  return {
    async run(shard) {
      const own = byLength.filter((_, i) => i % logicalShards === shard);
      const logits = await logitsOf(
        own.map((i) => heldOut[i]),
        options,
      );
      const sums = Object.fromEntries(names.map((name) => [name, 0]));
      const outputs: ShardOutputs = { counted: 0, predictions: [] };
      own.forEach((example, i) => {
        const { prediction, loss, correct, counted } = heldOut[example].encoded.judge(logits[i]);
        sums.loss += loss;
        if ('correct' in sums) sums.correct += correct;
        outputs.counted += counted;
        outputs.predictions.push([example, prediction]);
      });
      return { sums, outputs };
    },
    report(sums, shards) {
      const predictions = new Array<unknown>(heldOut.length);
      let counted = 0;
      for (const outputs of shards as ShardOutputs[]) {
        counted += outputs.counted;
        for (const [example, prediction] of outputs.predictions) predictions[example] = prediction;
      }
      const { metrics, samples } = head.report(
        heldOut.map(({ example }) => example),
        predictions,
        context,
      );
      // what is undefined on these examples (the entities' mean F1 where there is none) is not told
      const defined = Object.entries(metrics).filter(([, value]) => Number.isFinite(value));
      return { metrics: { loss: sums.loss / counted, ...Object.fromEntries(defined) }, samples };
    },
    // only the rank that tells them asks
    get baselines() {
      baselines ??= head.baseline(
        data.train,
        heldOut.map(({ example }) => example),
      );
      return baselines;
    },
  };
}

/** The logits of examples' rows, by example; rows of a bucket run together. */
async function logitsOf(
  examples: readonly HeldOutExample[],
  { data, graphs, batch }: HeldOutOptions,
): Promise<RowLogits[][]> {
  const results: RowLogits[][] = examples.map(() => []);
  const buckets = [...graphs.keys()].sort((a, b) => a - b);
  const waiting = new Map<number, { example: number; row: number; input: ModelRow }[]>(buckets.map((b) => [b, []]));
  examples.forEach(({ encoded }, example) => {
    encoded.rows.forEach(({ ids, tokenTypeIds = new Uint8Array(ids.length) }, row) => {
      const bucket = buckets.find((length) => length >= ids.length) as number;
      waiting.get(bucket)?.push({ example, row, input: { ids, tokenTypeIds } });
    });
  });
  for (const [bucket, rows] of waiting) {
    const graph = graphs.get(bucket) as HeadGraphs;
    for (let first = 0; first < rows.length; first += batch) {
      const some = rows.slice(first, first + batch);
      const logits = await graph.logits(
        some.map(({ input }) => input),
        data.context.tokenizer.padId,
      );
      some.forEach(({ example, row }, i) => {
        results[example][row] = logits[i];
      });
    }
  }
  return results;
}
