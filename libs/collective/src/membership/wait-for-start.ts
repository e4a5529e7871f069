import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { GenerationEnded } from '../process-group.js';
import type { GroupState, Member } from './types.js';

export interface Place {
  rank: number;
  worldSize: number;
  /** By rank. */
  members: Member[];
}

interface Wait {
  runId: string;
  generation: number;
  memberId: string;
  signal?: AbortSignal;
}

/** See `Membership.waitForStart`. The channel wakes; what counts is read from the group, so a message that was lost costs a second. */
export async function waitForStart(redis: Redis, read: () => Promise<GroupState | null>, wait: Wait): Promise<Place> {
  const { signal } = wait;
  signal?.throwIfAborted();
  // Subscriber mode takes a connection of its own.
  const subscriber = redis.duplicate({ maxRetriesPerRequest: null });
  let wake = (): void => {};
  subscriber.on('message', () => wake());
  // ioredis connects again by itself; the look every second covers what is missed meanwhile.
  subscriber.on('error', () => wake());
  const onAbort = (): void => wake();
  signal?.addEventListener('abort', onAbort);
  try {
    await subscriber.subscribe(keys.groupEvents(wait.runId));
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const place = placeIn(await read(), wait);
      signal?.throwIfAborted();
      if (place) {
        return place;
      }
      await woken;
      signal?.throwIfAborted();
    }
  } finally {
    wake();
    signal?.removeEventListener('abort', onAbort);
    subscriber.disconnect();
  }
}

function placeIn(group: GroupState | null, { generation, memberId }: Wait): Place | null {
  if (group === null || group.generation !== generation || group.phase === 'closed') {
    throw new GenerationEnded(generation, group?.reason ?? 'the run has no process group');
  }
  const rank = group.members.findIndex((member) => member.memberId === memberId);
  if (rank < 0) {
    throw new GenerationEnded(generation, 'this member is not part of it');
  }
  return group.phase === 'started' ? { rank, worldSize: group.members.length, members: group.members } : null;
}
