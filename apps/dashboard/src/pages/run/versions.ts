import type { Run } from '@regatta/contracts';
import type { Worker } from '../../api/types.js';
import type { FeedEvent } from '../../live/run-feed.js';

/** The parts of a fingerprint, as workers write them; what is left is the engine with the library that computes. */
const parts: [label: string, pattern: RegExp][] = [
  ['Processor', /^([a-z0-9]+-[0-9a-f]{8})$/],
  ['Threads a worker', /^threads-(.+)$/],
  ['Code version', /^code-(.+)$/],
  ['GPU', /^gpu-(.+)$/],
];

/**
 * On what a run computes: engine, processor, threads and code version, as its workers say while it has some; after that
 * only where its ledger tells that they changed on the way. Else none.
 */
export function versionsOf(
  run: Pick<Run, 'workers'>,
  workers: readonly Pick<Worker, 'id' | 'fingerprint'>[],
  events: readonly Pick<FeedEvent, 'type' | 'data'>[],
): [label: string, value: string][] {
  const own = workers.find(({ id }) => run.workers.some(({ workerId }) => workerId === id));
  if (own) return read(own.fingerprint);
  const now = events.findLast(({ type }) => type === 'fingerprint-changed')?.data.now;
  return Array.isArray(now) ? read(`${now[0]} code-${now[1]}`) : [];
}

function read(fingerprint: string): [string, string][] {
  const words = fingerprint.split(' ');
  const engine = words.filter((word) => !parts.some(([, pattern]) => pattern.test(word)));
  const named = parts.flatMap(([label, pattern]): [string, string][] =>
    words.flatMap((word) => pattern.exec(word)?.[1] ?? []).map((value) => [label, value]),
  );
  return [['Engine', engine.join(' ')], ...named];
}
