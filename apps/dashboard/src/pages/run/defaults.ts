import { runConfig } from '@regatta/contracts';
import { flatten, isGroup } from '../../lib/nested.js';

/** What is chosen rather than set, so that everything else has a default because of it. */
const choices = ['task', 'dataset', 'model.preset', 'model.base', 'model.head', 'model.architecture', 'lab.experiment'];

/**
 * The fields of a run's configuration as they would be had only its task, data and kind of model been given; by their paths.
 * undefined where such a run could not be (its configuration was written by another version).
 */
export function defaultsFor(config: Record<string, unknown>): Record<string, unknown> | undefined {
  const body: Record<string, unknown> = {};
  const fields = flatten(config);
  for (const path of choices) {
    if (fields[path] === undefined || fields[path] === null) continue;
    const [group, name] = path.split('.');
    if (name === undefined) body[group] = fields[path];
    else body[group] = { ...(isGroup(body[group]) ? body[group] : {}), [name]: fields[path] };
  }
  const complete = runConfig.safeParse(body);
  if (!complete.success) return undefined;
  const { name: _, ...defaults } = complete.data as unknown as Record<string, unknown>;
  return flatten(defaults);
}
