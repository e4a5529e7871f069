import type { Member } from '@regatta/collective';
import { seconds } from './ledger.js';
import { type Observed, silenceMs } from './observer.js';
import type { MemberReport } from './reports.js';

/** A member that is not there any more, and how that was seen. */
export interface Loss {
  member: Member;
  rank: number;
  cause: string;
  detectedAfterMs: number;
  /** Its worker said that it was leaving: no failure. */
  planned: boolean;
  report: MemberReport | null;
}

/** The members of the current generation that are gone: reported by their agents, silent with their agents, or on their way out. */
export function lossesOf(run: Observed): Loss[] {
  const members = run.group?.members ?? [];
  return members.flatMap((member, rank): Loss[] => {
    const loss = lossOf(run, member);
    return loss ? [{ member, rank, ...loss }] : [];
  });
}

function lossOf(run: Observed, { memberId, workerId }: Member): Omit<Loss, 'member' | 'rank'> | null {
  const report = run.reports.of.get(memberId) ?? null;
  if (report?.outcome === 'finished') {
    return null;
  }
  if (run.reports.draining.has(memberId) && (report || run.group?.phase === 'closed')) {
    return { cause: 'it is going away', detectedAfterMs: 0, planned: true, report };
  }
  // Survivors: one whose generation ended, or rank 0 that was asked to stop. Who broke the gang says so himself, or the group's reason does.
  if (report?.outcome === 'ended' || report?.outcome === 'stopped') {
    return null;
  }
  if (report) {
    return {
      cause: report.message,
      detectedAfterMs: run.now - report.at + (report.silentMs ?? 0),
      planned: report.outcome === 'left',
      report,
    };
  }
  const silence = run.silence.get(workerId);
  if (silence === undefined) {
    return { cause: 'its worker signed off', detectedAfterMs: 0, planned: true, report };
  }
  return silence > silenceMs
    ? { cause: `no heartbeat for ${seconds(silence)}`, detectedAfterMs: silence, planned: false, report }
    : null;
}

/** The error that ends the run for good, whatever is tried: a trainer failed in a way that trying again does not mend. */
export function fatalReport(run: Observed): MemberReport | null {
  return [...run.reports.of.values()].find((report) => report.outcome === 'failed' && !report.retryable) ?? null;
}

/** A trainer that failed while the gang still gathered: its member has left again, but its place must not be filled for ever. */
export function earlyFailure(run: Observed): MemberReport | null {
  const reports = [...run.reports.of.values()];
  return reports.find(({ outcome }) => outcome === 'failed' || outcome === 'exited') ?? null;
}

/** What rank 0 said last, if it has ended. */
export function reportOfRankZero(run: Observed): MemberReport | null {
  const memberId = run.group?.members[0]?.memberId;
  return (memberId && run.reports.of.get(memberId)) || null;
}
