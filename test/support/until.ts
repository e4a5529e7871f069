import { setImmediate } from 'node:timers/promises';

/** Asks until the answer is true. The test's own time limit is the end of it. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) {
    await setImmediate();
  }
}

/** Whether a promise has been settled by now. */
export async function settled(promise: Promise<unknown>): Promise<boolean> {
  const no = Symbol('no');
  const first = await Promise.race([promise.catch(() => undefined), setImmediate(no)]);
  return first !== no;
}
