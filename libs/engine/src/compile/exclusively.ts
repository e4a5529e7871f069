import { EngineError } from '../errors.js';
import type { ParameterSpace } from '../memory/space.js';

const busy = new WeakSet<ParameterSpace>();

/** Runs one program at a time over a space, whose programs share scratch. Throws EngineError `space_busy` if one is running. */
export async function exclusively<T>(space: ParameterSpace, work: () => Promise<T>): Promise<T> {
  if (busy.has(space)) {
    throw new EngineError('space_busy', 'Another program over this parameter space is running.', 'Await it first.');
  }
  busy.add(space);
  try {
    return await work();
  } finally {
    busy.delete(space);
  }
}
