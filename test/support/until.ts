import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** From one look to the next: more and more, since looking takes time from what is waited for. */
const firstPauseMs = 10;
const longestPauseMs = 100;

type Looked<T> = T | null | undefined | false;

/**
 * Looks again and again until it sees something true, and returns that. After `timeout` ms it throws: what it waited for, and what the last
 * look threw.
 */
export async function until<T>(
  look: () => Promise<Looked<T>> | Looked<T>,
  { timeout = 120_000, what = 'a condition' }: { timeout?: number; what?: string | (() => unknown) } = {},
): Promise<T> {
  const end = performance.now() + timeout;
  let pause = firstPauseMs;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      const seen = await look();
      if (seen) {
        return seen;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(pause);
    pause = Math.min(pause * 1.2, longestPauseMs);
  }
  const described = typeof what === 'string' ? what : JSON.stringify(await what(), null, 2);
  throw new Error(`waited ${timeout} ms in vain for ${described}`, { cause });
}

/** Whether a promise has been settled by now. */
export async function settled(promise: Promise<unknown>): Promise<boolean> {
  const no = Symbol('no');
  const first = await Promise.race([promise.catch(() => undefined), setImmediate(no)]);
  return first !== no;
}
