import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until `look` gives something true, and returns it. After `timeout` ms it throws, with what `look` last threw or `state`. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { timeout = 20_000, what = 'the condition' }: { timeout?: number; what?: string | (() => unknown) } = {},
): Promise<T> {
  const end = Date.now() + timeout;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await look();
      if (value) {
        return value;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(25);
  }
  const described = typeof what === 'string' ? what : JSON.stringify(await what());
  throw new Error(`waited ${timeout} ms in vain for ${described}`, { cause: last });
}
