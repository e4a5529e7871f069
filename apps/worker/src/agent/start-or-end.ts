import { GenerationEnded, type Membership, type Place } from '@regatta/collective';
import type { Outcome } from './reports.js';

/** A member's end without a fault of its own: its generation has ended, or its worker is going away. */
export const noFault = (outcome: 'ended' | 'left', message: string): Outcome => ({
  outcome,
  step: null,
  weightsSha256: null,
  code: outcome === 'ended' ? 'generation-ended' : 'unavailable',
  message,
  retryable: true,
});

/** Resolves when the signal is given, or at once if it was. */
export const once = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Waits for the gang to start. @returns the member's place in it, or how it ended before that: by its trainer, its generation or `leaving` */
export async function startOrEnd(
  membership: Membership,
  { runId, generation, memberId }: { runId: string; generation: number; memberId: string },
  trainerEnded: Promise<Outcome>,
  leaving: AbortSignal,
): Promise<Place | Outcome> {
  const trainerGone = new AbortController();
  const signal = AbortSignal.any([leaving, trainerGone.signal]);
  try {
    const start = membership.waitForStart(runId, generation, memberId, { signal });
    const first = await Promise.race([start, trainerEnded]);
    if ('outcome' in first) {
      trainerGone.abort(new Error(first.message));
      await start.catch(() => undefined);
    }
    return first;
  } catch (error) {
    if (error instanceof GenerationEnded) {
      return noFault('ended', error.reason);
    }
    if (leaving.aborted) {
      return noFault('left', 'its worker is going away');
    }
    throw error;
  }
}
