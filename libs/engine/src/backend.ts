import { tf } from './tf.js';

/**
 * Runs synchronous work with a tfjs backend active. tfjs has one active backend a process, so the work must not await: another program's
 * could be set meanwhile.
 */
export async function withBackend<T>(name: string, work: () => T): Promise<T> {
  do await tf.setBackend(name);
  while (tf.getBackend() !== name);
  return work();
}
