import { type Part, type Subtree, TreeSum } from '@regatta/collective';
import { metric, type RunConfig } from '@regatta/contracts';
import { prefixed } from './report.js';
import { buffersOf } from './shard-sums.js';
import type { StepUnderWay } from './step-under-way.js';
import { finite, type RateOf, type Stepping } from './stepping.js';
import type { PreparedTask } from './task.js';
import type { TrainOptions } from './train.js';

/** The outer step, as DiLoCo has it (Douillard et al., 2023, arXiv 2311.08105): Nesterov's momentum, and its rate. */
const outer = { momentum: 0.9, rate: 0.7 };

/** Steps between two exchanges. Runs that were queued before there were local steps name none. */
export const localStepsOf = ({ distributed }: Pick<RunConfig, 'distributed'>): number => distributed.localSteps ?? 1;

/** How many steps come before the next exchange: rounds end at multiples of `localSteps`, and with the run. */
export const roundLength = (done: number, localSteps: number, totalSteps: number): number =>
  Math.max(1, Math.min(localSteps - (done % localSteps), totalSteps - done));

/** Whether what is due every `every` steps became due in the round that ended with `step`. */
export function dueWithin(step: number, every: number, localSteps: number): boolean {
  const round = step % localSteps || localSteps;
  return Math.floor(step / every) > Math.floor((step - round) / every);
}

/**
 * Every logical shard is a replica: in a round all start from the same weights and moments and make the round's steps on their own part of its
 * batches. The mean of what they changed is the gradient of an outer step, and the mean of their moments is what all go on from; both are
 * sums over the tree of shards. So every round starts from one state, any rank can take any shard, and the bits are those of any number of ranks.
 */
export class LocalSteps implements Stepping {
  private readonly task: PreparedTask;
  private readonly shards: number;

  constructor(
    private readonly options: Pick<TrainOptions, 'spec' | 'task'>,
    private readonly rate: RateOf,
  ) {
    this.task = options.task;
    this.shards = options.spec.config.distributed.logicalShards;
  }

  async compute(round: StepUnderWay, blocks: readonly Subtree[], onMicroBatch?: () => void): Promise<Part[]> {
    const { space } = this.task;
    const free = Array.from({ length: buffersOf(blocks) }, (_, i) => space.partial(i));
    const parts: Part[] = [];
    this.replica.forEach((region, i) => {
      space.start.set(region, i * space.learning);
    });
    try {
      for (const subtree of blocks) {
        const tree = new TreeSum(subtree.count, free, (target, source) => space.add(target, source));
        for (let shard = subtree.first; shard < subtree.first + subtree.count; shard++) {
          this.backToStart();
          await this.train(round, shard, tree.leaf(), onMicroBatch);
          tree.push();
        }
        const data = tree.result();
        free.splice(free.indexOf(data), 1);
        parts.push({ subtree, data });
      }
    } finally {
      this.backToStart();
    }
    return parts;
  }

  apply(round: StepUnderWay): ReturnType<Stepping['apply']> {
    const sums = round.steps.map((_, i) => this.read(i));
    const applied = sums.every(finite) && this.task.space.outerStep({ ...outer, share: 1 / this.shards }).applied;
    const metrics = round.steps.map(({ number, work }, i) => {
      const { [normOfShards]: norms, ...rest } = sums[i];
      return {
        ...prefixed('train', work.metrics(rest)),
        [metric.gradNorm]: norms / this.shards,
        [metric.learningRate]: this.rate(number),
      };
    });
    return { applied, metrics };
  }

  /** One replica's round; what it changed, its moments, and the sums of each step are written into `leaf`. */
  private async train(
    { steps, updates }: StepUnderWay,
    shard: number,
    leaf: Float32Array,
    onMicroBatch: () => void = () => undefined,
  ): Promise<void> {
    const { space, sums, microBatches } = this.task;
    const { optimizer } = this.options.spec.config;
    const { learning, g, start } = space;
    leaf.fill(0, 3 * learning);
    // the gradient of several micro-batches is gathered where the change of the weights will be
    const gradient = microBatches === 1 ? g : leaf;
    for (const [i, { number, work }] of steps.entries()) {
      const tail = this.tail(leaf, i);
      for (let micro = 0; micro < microBatches; micro++) {
        const values = await work.run(shard, micro);
        onMicroBatch();
        sums.forEach((name, at) => {
          tail[at] += values[name];
        });
        if (gradient === g) continue;
        if (micro === 0) space.copy(gradient, g, 0, learning);
        else space.add(gradient, g, 0, learning);
      }
      // a loss is scaled by the count of the whole batch, of which a shard has its share
      const setting = {
        ...optimizer,
        step: updates + i + 1,
        learningRate: this.rate(number),
        gradientScale: this.shards,
      };
      tail[sums.length] = space[optimizer.type](gradient, setting).gradNorm;
    }
    for (let i = 0; i < learning; i++) leaf[i] = start[i] - space.w[i];
    leaf.set(space.m, learning);
    leaf.set(space.v, 2 * learning);
  }

  /** Where the sums of a round's i-th step lie: those of the task, then the norm of the shards' gradients. */
  private tail(flat: Float32Array, i: number): Float32Array {
    const length = this.task.sums.length + 1;
    return flat.subarray(3 * this.task.space.learning + i * length).subarray(0, length);
  }

  private read(i: number): Record<string, number> {
    const { space, sums } = this.task;
    const tail = this.tail(space.reduced, i);
    return Object.fromEntries([...sums, normOfShards].map((name, at) => [name, tail[at]]));
  }

  /** w, m and v of what learns. */
  private get replica(): Float32Array[] {
    const { w, m, v, learning } = this.task.space;
    return [w.subarray(0, learning), m, v];
  }

  private backToStart(): void {
    const { start, learning } = this.task.space;
    this.replica.forEach((region, i) => {
      region.set(start.subarray(i * learning, (i + 1) * learning));
    });
  }
}

/** Name of the sum of the norms of the shards' gradients. */
const normOfShards = 'gradient norms of the shards';
