import type { Member } from '@regatta/collective';
import { stateOf } from './changes.js';
import { type Change, seconds } from './ledger.js';
import { reportOfRankZero } from './losses.js';
import type { Observed } from './observer.js';
import type { RunState } from './run-state.js';
import { releases } from './wishes.js';

/** Rank 0 has ended the generation: there is no room for the checkpoint that others need. The code travels in its report. */
export const noRoom = 'disk-full';

/** Who cannot be taken in is asked again after so long, then twice as long, and so on. */
const firstMs = 5_000;
const longestMs = 600_000;

/** How long to wait after having tried so many times. */
export const backOffMs = (times: number): number => Math.min(longestMs, firstMs * 2 ** (times - 1));

/** Members that need a checkpoint of the state that rank 0 holds, and that has no room for one. */
export function withoutState(run: Observed): Member[] {
  if (reportOfRankZero(run)?.code !== noRoom) return [];
  const [first, ...others] = run.group?.members ?? [];
  return others.filter(({ step }) => step !== first.step);
}

/** The gang goes on without members that it cannot give its state to; they are taken in later. */
export function putsOff(run: Observed, members: Member[]): Change {
  const before = stateOf(run).dropped;
  const tried = ({ workerId }: Member) => before.find((one) => one.workerId === workerId)?.times ?? 0;
  const dropped = members.map((member): RunState['dropped'][number] => {
    const times = tried(member) + 1;
    return { workerId: member.workerId, until: run.now + backOffMs(times), times };
  });
  const again = seconds(Math.min(...dropped.map(({ until }) => until)) - run.now);
  const change = releases(
    run,
    members,
    `the disk has no room for the state that it needs; it is asked again after ${again}`,
  );
  const others = before.filter(({ workerId }) => !members.some((member) => member.workerId === workerId));
  return { ...change, patch: { ...change.patch, dropped: [...others, ...dropped] } };
}
