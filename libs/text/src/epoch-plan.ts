import { createHash } from 'node:crypto';
import { AppError } from '@regatta/contracts';
import { RandomStream } from '@regatta/random';

export interface EpochPlanOptions {
  seed: number;
  epoch: number;
  /** Tokens of each example, special tokens included: [examples]. */
  lengths: Int32Array;
  /** Shapes that there are graphs for: lengths, ascending. */
  buckets: readonly number[];
  /** Rows a step; a multiple of logicalShards. */
  globalBatchSize: number;
  logicalShards: number;
}

export interface PlannedStep {
  /** Length of every row of this step. */
  bucket: number;
  /** Example ids, globalBatchSize / logicalShards a shard. */
  shards: Int32Array[];
  /** How many of each shard's rows are real; the rest, at its end, are copies of a real row, to be given weight 0. */
  real: number[];
}

/** What an epoch does, step by step: a function of its options alone, computed alike by every rank. */
export interface EpochPlan {
  steps: number;
  /** @throws RangeError where there is no such step */
  step(i: number): PlannedStep;
  /** SHA-256 (hex) of everything in the plan: what the ranks of a generation agree on. */
  hash: string;
}

/** Rows of a step before they are dealt to shards. */
interface Group {
  bucket: number;
  examples: Int32Array;
}

/**
 * Plans an epoch: every example exactly once, one bucket a step, the steps in random order. What does not fill a step of its bucket
 * moves up to the next longer one, so that at most one step an epoch is short; a short step is dealt to all shards evenly.
 * @throws AppError `invalid` where an example is longer than the longest bucket or the sizes do not divide
 */
export function epochPlan(options: EpochPlanOptions): EpochPlan {
  const { seed, epoch, globalBatchSize, logicalShards } = options;
  const rows = globalBatchSize / logicalShards;
  if (!Number.isInteger(rows) || rows < 1) {
    throw new AppError('invalid', `A batch of ${globalBatchSize} cannot be cut into ${logicalShards} equal shards.`, {
      next: 'Choose a globalBatchSize that is a multiple of logicalShards.',
    });
  }
  const groups = groupsOf(options);
  const order = new RandomStream({ seed, step: epoch, site: 'plan.steps' }).permutation(groups.length);
  const ids = new Int32Array(groups.length * globalBatchSize);
  const real = new Int32Array(groups.length * logicalShards);
  const buckets = Int32Array.from(order, (g) => groups[g].bucket);
  order.forEach((g, i) => {
    deal(
      groups[g].examples,
      rows,
      ids.subarray(i * globalBatchSize, (i + 1) * globalBatchSize),
      real.subarray(i * logicalShards, (i + 1) * logicalShards),
    );
  });
  const hash = createHash('sha256')
    .update(JSON.stringify([seed, epoch, globalBatchSize, logicalShards, options.buckets]))
    .update(buckets)
    .update(ids)
    .update(real)
    .digest('hex');
  return {
    steps: groups.length,
    hash,
    step(i) {
      if (!Number.isInteger(i) || i < 0 || i >= groups.length)
        throw new RangeError(`There is no step ${i} of ${groups.length}.`);
      const from = i * globalBatchSize;
      return {
        bucket: buckets[i],
        shards: Array.from({ length: logicalShards }, (_, s) => ids.slice(from + s * rows, from + (s + 1) * rows)),
        real: Array.from(real.subarray(i * logicalShards, (i + 1) * logicalShards)),
      };
    },
  };
}

function groupsOf({ seed, epoch, lengths, buckets, globalBatchSize }: EpochPlanOptions): Group[] {
  const members: number[][] = buckets.map(() => []);
  lengths.forEach((length, example) => {
    const bucket = buckets.findIndex((longest) => length <= longest);
    if (bucket < 0) {
      throw new AppError(
        'invalid',
        `Example ${example} has ${length} tokens, more than the longest bucket, ${buckets.at(-1)}.`,
        {
          next: 'Cut the examples to the longest bucket, or add a longer one.',
        },
      );
    }
    members[bucket].push(example);
  });
  const groups: Group[] = [];
  let leftOver: number[] = [];
  members.forEach((own, b) => {
    const all = Int32Array.from([...leftOver, ...own]);
    const order = new RandomStream({ seed, step: epoch, shard: b, site: 'plan.examples' }).permutation(all.length);
    const shuffled = order.map((i) => all[i]);
    const isLast = b === buckets.length - 1;
    const used = isLast ? shuffled.length : shuffled.length - (shuffled.length % globalBatchSize);
    for (let i = 0; i < used; i += globalBatchSize) {
      groups.push({ bucket: buckets[b], examples: shuffled.slice(i, Math.min(used, i + globalBatchSize)) });
    }
    leftOver = Array.from(shuffled.subarray(used));
  });
  return groups;
}

/** Deals examples to shards in order, as evenly as they go; fills each shard with copies of its first row (or of the step's). */
function deal(examples: Int32Array, rows: number, ids: Int32Array, real: Int32Array): void {
  let next = 0;
  for (let shard = 0; shard < real.length; shard++) {
    const count = Math.floor(examples.length / real.length) + (shard < examples.length % real.length ? 1 : 0);
    const filler = count > 0 ? examples[next] : examples[0];
    for (let row = 0; row < rows; row++) ids[shard * rows + row] = row < count ? examples[next + row] : filler;
    real[shard] = count;
    next += count;
  }
}
