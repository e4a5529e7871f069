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

export type TrainChanges = Partial<Omit<TrainOptions, 'task'>> & {
  meddle?: (task: PreparedTask, rank: number) => void;
};

/** Trains `worldSize` ranks in this process to their end; `meddle` may change what a rank prepared. */
export async function trainInMemory(
  store: ArtifactStore,
  spec: RunSpec,
  worldSize: number,
  { meddle, ...changes }: TrainChanges = {},
): Promise<{ outcomes: TrainOutcome[]; entries: StreamEntry[] }> {
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
    const memory = new RankMemory();
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
  return { outcomes: await Promise.all(ranks), entries };
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
