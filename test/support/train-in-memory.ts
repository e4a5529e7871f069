import { createMemoryGroups } from '@regatta/collective';
import type { MetricsEntry, RunSpec, StreamEntry } from '@regatta/contracts';
import { createEngine } from '@regatta/engine';
import type { ArtifactStore } from '@regatta/storage';
import {
  formatOf,
  type PreparedTask,
  RankMemory,
  type TrainOptions,
  type TrainOutcome,
  taskHandler,
  train,
} from '@regatta/training';

const engine = createEngine('compiled', { threads: 1 });

export type TrainChanges = Partial<Omit<TrainOptions, 'task' | 'memory'>> & {
  meddle?: (task: PreparedTask, rank: number) => void;
  /** What each rank kept of earlier generations; a rank without one is new. */
  memories?: RankMemory[];
};

/** Trains `worldSize` ranks in this process to their end. */
export async function trainInMemory(
  ...parts: Parameters<typeof ranksInMemory>
): Promise<{ outcomes: TrainOutcome[]; entries: StreamEntry[]; memories: RankMemory[] }> {
  const { ranks, ...more } = await ranksInMemory(...parts);
  return { outcomes: await Promise.all(ranks), ...more };
}

/** How each of `worldSize` ranks in this process ends; `meddle` may change what a rank prepared. */
export async function ranksInMemory(
  store: ArtifactStore,
  spec: RunSpec,
  worldSize: number,
  { meddle, memories: kept = [], ...changes }: TrainChanges = {},
): Promise<{ ranks: Promise<TrainOutcome>[]; entries: StreamEntry[]; memories: RankMemory[] }> {
  const memories = Array.from({ length: worldSize }, (_, rank) => kept[rank] ?? new RankMemory());
  const entries: StreamEntry[] = [];
  const prepare = () => taskHandler(spec.config.task).prepare({ spec, store, engine });
  const tasks = await Promise.all(Array.from({ length: worldSize }, prepare));
  const format = formatOf(spec.config, tasks[0].space);
  const groups = createMemoryGroups(worldSize, { shards: spec.config.distributed.logicalShards, format });
  const ranks = groups.map(async (group): Promise<TrainOutcome> => {
    const task = tasks[group.rank];
    meddle?.(task, group.rank);
    const report = async (entry: StreamEntry) => void entries.push(entry);
    const reported = async () => undefined;
    const memory = memories[group.rank];
    const common = {
      spec,
      group,
      store,
      task,
      memory,
      resume: null,
      fingerprint: 'a',
      codeVersion: '1',
      report,
      reported,
    };
    try {
      return await train({ ...common, ...changes });
    } catch (error) {
      await group.abort(String(error));
      throw error;
    } finally {
      await task.dispose();
    }
  });
  return { ranks, entries, memories };
}

export const metricsOf = (entries: StreamEntry[]): MetricsEntry[] =>
  entries.filter((entry): entry is MetricsEntry => entry.type === 'metrics');

/** `step name` → value of all that must not depend on the machine's speed. */
export function numbersOf(entries: StreamEntry[]): Record<string, number | null> {
  const values = metricsOf(entries).flatMap(({ step, values }) =>
    Object.entries(values).map(([name, value]): [string, number | null] => [`${step} ${name}`, value]),
  );
  return Object.fromEntries(values.filter(([name]) => !/tokensPerSecond|rank\./.test(name)).sort());
}
