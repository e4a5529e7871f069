import type { Member } from '@regatta/collective';
import { type Straggler, stragglersOf } from '@regatta/contracts';
import { stateOf } from './changes.js';
import { type Change, type LedgerLine, nameOf } from './ledger.js';
import type { Observed } from './observer.js';
import type { RunState } from './run-state.js';
import { releases } from './wishes.js';

/** A worker that was dropped may come back after so long: what made it slow may be over. */
const droppedMs = 600_000;

/** Whether the run goes on without this worker for now. */
export const isDropped = ({ dropped }: Pick<RunState, 'dropped'>, workerId: string, now: number): boolean =>
  dropped.some((one) => one.workerId === workerId && now < one.until);

/** The ranks of the gang that trains which are much slower than the others. */
export function slowRanks(run: Observed): Straggler[] {
  const members = run.group?.members ?? [];
  const beats = members.map(({ workerId }) => run.alive.find(({ id }) => id === workerId));
  const gang = beats.filter((beat) => beat?.generation === run.state?.generation);
  // one that does not beat now, or trains in another generation, has no time to compare with
  return gang.length < members.length || gang.includes(undefined)
    ? []
    : stragglersOf(gang as NonNullable<(typeof gang)[number]>[], stateOf(run).stragglers);
}

/** Whether other ranks are slow than the ledger says. */
export const areNews = (run: Observed, slow: Straggler[]): boolean =>
  slow.map(({ workerId }) => workerId).join() !== stateOf(run).stragglers.join();

const memberOf = (run: Observed, workerId: string): Member | undefined =>
  run.group?.members.find((member) => member.workerId === workerId);
const named = (run: Observed, workerId: string): string => {
  const member = memberOf(run, workerId);
  return member ? nameOf(member) : workerId;
};
const says = ({ times, shardMs }: Straggler): string =>
  `takes ${times.toFixed(1)} times as long as its gang's median for its share of a step (${shardMs.toFixed(0)} ms a shard)`;

/** The ledger tells who is slow now, and who no longer is. */
export function straggles(run: Observed, slow: Straggler[]): Change {
  const before = stateOf(run).stragglers;
  const news = slow.filter(({ workerId }) => !before.includes(workerId));
  const over = before.filter((id) => memberOf(run, id) && !slow.some(({ workerId }) => workerId === id));
  const lines: LedgerLine[] = news.map((one) => ({
    event: 'straggler',
    message: `Worker ${named(run, one.workerId)} (rank ${one.rank}) ${says(one)}. The others wait for it.`,
    data: { ...one },
  }));
  for (const workerId of over) {
    const message = `Worker ${named(run, workerId)} keeps up with its gang again.`;
    lines.push({ event: 'straggler-over', message, data: { workerId } });
  }
  return { patch: { stragglers: slow.map(({ workerId }) => workerId) }, lines };
}

/** By the run's policy its gang goes on without the slow ones, as far as its minimum allows. null: none may go. */
export function toDrop(run: Observed, slow: Straggler[]): Straggler[] | null {
  const spare = (run.group?.members.length ?? 0) - run.desired.minWorkers;
  const slowest = [...slow].sort((a, b) => b.times - a.times).slice(0, Math.max(0, spare));
  return run.spec.config.distributed.stragglers === 'drop' && slowest.length > 0 ? slowest : null;
}

/** The gang goes on without its stragglers; no step is repeated. */
export function drops(run: Observed, slow: Straggler[]): Change {
  const members = slow.map(({ workerId }) => memberOf(run, workerId)).filter((member) => member !== undefined);
  const change = releases(run, members, `it ${says(slow[0])}`);
  const dropped = slow.map(({ workerId }) => ({ workerId, until: run.now + droppedMs }));
  const earlier = stateOf(run).dropped.filter(({ until }) => until > run.now);
  return { ...change, patch: { ...change.patch, stragglers: [], dropped: [...earlier, ...dropped] } };
}
