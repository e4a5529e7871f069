import type { Comparison } from '@regatta/contracts';

/** What is compared of a run. */
export interface Compared {
  id: string;
  name: string;
  task: string;
  status: Comparison['runs'][number]['status'];
  step: number;
  /** Complete, defaults filled in. */
  config: Record<string, unknown>;
  metrics: Record<string, number | null>;
}

/** What people call a run and where they put it: no difference in what is trained. */
const labels = new Set(['name', 'project', 'tags', 'priority']);

/** Runs side by side, in the order given: where their configurations differ, their last metrics, and which are seeds of one another. */
export function compare(runs: readonly Compared[]): Comparison {
  const configs = runs.map(({ config }) => leaves(config));
  const groups: string[] = [];
  return {
    runs: runs.map(({ id, name, task, status, step }, index) => {
      const { seed, ...others } = configs[index];
      const known = groups.indexOf(canonical(others));
      const group = known >= 0 ? known : groups.push(canonical(others)) - 1;
      return { id, name, task, status, step, seed: typeof seed === 'number' ? seed : null, group };
    }),
    config: namesIn(configs)
      .map((name) => ({ name, values: configs.map((config) => config[name] ?? null) }))
      .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1),
    metrics: namesIn(runs.map(({ metrics }) => metrics))
      .sort()
      .map((name) => ({ name, values: runs.map(({ metrics }) => metrics[name] ?? null) })),
  };
}

/** The fields of a configuration by their paths (`optimizer.learningRate`), without the labels. */
function leaves(config: Record<string, unknown>): Record<string, unknown> {
  const found = Object.create(null) as Record<string, unknown>;
  function walk(value: Record<string, unknown>, prefix: string): void {
    for (const [name, child] of Object.entries(value)) {
      if (prefix === '' && labels.has(name)) continue;
      if (typeof child === 'object' && child !== null && !Array.isArray(child))
        walk(child as Record<string, unknown>, `${prefix}${name}.`);
      else found[prefix + name] = child;
    }
  }
  walk(config, '');
  return found;
}

/** All names, in the order in which they first occur. */
const namesIn = (records: readonly Record<string, unknown>[]): string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];

const canonical = (record: Record<string, unknown>): string =>
  JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
