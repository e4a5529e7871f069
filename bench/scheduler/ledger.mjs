import { isFinished, keys } from '@regatta/contracts';

const killed = /no heartbeat/;

/**
 * What the stream says of each run: when it first started, how it ended, how often it was interrupted. Seconds that gangs took to gather; and of each
 * interruption, by whether hosts or trainers died, until it was noticed, until its gang was whole again, until it had committed a step again.
 */
export async function readLedger(redis) {
  const seen = new Map();
  for (const [, [, json]] of await redis.xrange(keys.stream, '-', '+')) {
    const entry = JSON.parse(json);
    const of = seen.get(entry.runId) ?? { interruptions: 0, gathered: [], recovered: [] };
    seen.set(entry.runId, of);
    const time = Date.parse(entry.time);
    if (entry.event === 'gathering') of.gathering = time;
    if (entry.event === 'started') {
      of.started ??= time;
      of.gathered.push((time - of.gathering) / 1000);
    }
    if (entry.event === 'recovering') of.interruptions += 1;
    if (entry.event === 'reformed') of.reformed = time;
    if (entry.event === 'resumed') {
      const { cause, planned, detectedAfterSeconds: noticed, resumedAfterSeconds: resumed } = entry.data;
      const whole = resumed - (time - of.reformed) / 1000;
      of.recovered.push({ by: killed.test(cause) ? 'host' : planned ? 'plan' : 'trainer', noticed, whole, resumed });
    }
    if (entry.type === 'state' && isFinished(entry.status)) of.status = entry.status;
    if (entry.type === 'state' && entry.status === 'completed') of.ended ??= time;
  }
  return [...seen.values()];
}

/** Median and 95th percentile of seconds. */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(2) ?? '–';
  return `${at(0.5)} s (95 % within ${at(0.95)})`;
}
