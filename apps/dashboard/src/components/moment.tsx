import { Text, type TextProps, Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { ago } from '../lib/format.js';

/** One clock for the page, running only while something shows it. */
let now = new Date();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = new Date();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, renewed every second. */
export const useNow = (): Date => useSyncExternalStore(subscribe, () => now);

/** A time as people say it, in local time; the exact one on hover. */
export function Moment({ time, ...props }: { time: string } & TextProps) {
  const date = new Date(time);
  const current = useNow();
  return (
    <Tooltip label={date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })}>
      <Text span size="sm" {...props}>
        <time dateTime={time}>{ago(date, current)}</time>
      </Text>
    </Tooltip>
  );
}
