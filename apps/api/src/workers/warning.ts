import { differences, stragglersOf, type WorkerBeat } from '@regatta/contracts';

/** What a person should know of a worker; null: nothing. `alive`: all whose hearts beat, this one too. */
export function warningOf(worker: WorkerBeat, alive: WorkerBeat[]): string | null {
  return slowness(worker, alive) ?? trouble(worker) ?? (worker.status === 'idle' ? otherness(worker, alive) : null);
}

/** How long what a worker could not do is told after it may be asked again: the run may be over, and nobody ask. */
const toldForMs = 60_000;

function trouble({ trouble: what, beat }: WorkerBeat): string | null {
  if (!what || beat > what.until + toldForMs) return null;
  const minutes = (what.until - beat) / 60_000;
  const when = minutes > 1 ? `in ${Math.ceil(minutes)} minutes` : 'within a minute';
  return `${what.message.replace(/[.\s]+$/, '')}. ${what.times > 1 ? `That was tried ${what.times} times; i` : 'I'}t is asked again ${when}.`;
}

function slowness(worker: WorkerBeat, alive: WorkerBeat[]): string | null {
  if (worker.rank === null) return null;
  const gang = alive.filter(
    ({ runId, generation, rank }) => runId === worker.runId && generation === worker.generation && rank !== null,
  );
  const slow = stragglersOf(gang, []).find(({ workerId }) => workerId === worker.id);
  return slow
    ? `Takes ${slow.times.toFixed(1)} times as long as its gang's median for its share of a step: the others wait for it.`
    : null;
}

/** A free worker that differs from those that train, or else from most: it is not taken into a gang with them. */
function otherness(worker: WorkerBeat, alive: WorkerBeat[]): string | null {
  const training = alive.filter(({ rank }) => rank !== null);
  const others = training.length > 0 ? training : alive;
  const counts = new Map<string, number>();
  for (const { fingerprint } of others) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  const own = counts.get(worker.fingerprint) ?? 0;
  const [kind, count] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [worker.fingerprint, 0];
  if (kind === worker.fingerprint || own >= count || (training.length > 0 && own > 0)) return null;
  const them = training.length > 0 ? 'the workers that train' : `the ${count} workers of the most frequent kind`;
  return `Cannot join ${them}: it would compute other bits (${differences(worker.fingerprint, kind)}). A gang is made of one kind.`;
}
