import { type Membership, transition } from '@regatta/collective';
import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { accounted } from './account.js';
import * as changes from './changes.js';
import { type Change, entriesOf } from './ledger.js';
import * as lost from './lost.js';
import type { Observed } from './observer.js';
import type { Offers } from './offers.js';
import type { Pool } from './pool.js';
import { putsOff } from './put-off.js';
import { encodePatch } from './run-state.js';
import * as stragglers from './stragglers.js';
import * as wishes from './wishes.js';

/** What a coordinator can reach to change something: nobody but its transitions holds it. */
export interface World {
  redis: Redis;
  membership: Membership;
  offers: Pick<Offers, 'make'>;
  requestReconcile(runId: string): Promise<void>;
  /** Removes what is left of a run on the gradient servers. */
  dropGradients(runId: string): Promise<void>;
  /** The run gathers no more: another one may. */
  nextTurn(): Promise<void>;
  log: Logger;
}

/** What can be concluded of a run, by name: the new state with its line in the ledger, made true by one compare-and-set. */
const conclusions = {
  queued: changes.queued,
  waiting: changes.waiting,
  /** `turn`: the one that it was planned with; so the same free workers are promised once. */
  gathering: (run: Observed, pool: Pool, turn: number): Change => ({ ...changes.gathering(run, pool), turn }),
  joined: changes.joined,
  'lost-while-gathering': lost.lostWhileGathering,
  'gave-back': changes.gaveBack,
  'go-on-from': changes.goOnFrom,
  'resume-from': changes.resumeFrom,
  started: changes.started,
  training: changes.training,
  accounted,
  grows: changes.grows,
  lost: lost.lost,
  completed: changes.completed,
  failed: changes.failed,
  cancelling: changes.cancelling,
  cancelled: changes.cancelled,
  straggles: stragglers.straggles,
  drops: stragglers.drops,
  'puts-off': putsOff,
  scaled: wishes.scaled,
  releases: wishes.releases,
  yields: wishes.yields,
  halted: wishes.halted,
  continued: wishes.continued,
} satisfies Record<string, (run: Observed, ...args: never[]) => Change>;

/** Notes of a coordinator to itself, which nobody else has to know of unless they have a line for the ledger. */
const notes: ReadonlySet<string> = new Set(['joined', 'go-on-from', 'resume-from', 'cancelling']);

/** Where there is no API any more the keys of a run that is over go by themselves; one that is only away stores its end first, and then removes them. */
const keptSeconds = 7 * 86_400;

/** What can be done to the world, by name. Each can be done twice without harm. */
const deeds = {
  /** A new generation: the members of the old one are told that it has ended, and places are open. */
  'open-generation': ({ membership }: World, { runId, group, desired }: Observed, reason: string) =>
    membership.open(runId, group?.generation ?? 0, {
      minWorkers: desired.minWorkers,
      maxWorkers: desired.maxWorkers,
      reason,
      needs: keys.state(runId),
    }),
  'start-gang': ({ membership }: World, { runId }: Observed, generation: number) => membership.start(runId, generation),
  'free-place': ({ membership }: World, { runId }: Observed, generation: number, memberId: string, cause: string) =>
    membership.leave(runId, generation, memberId, cause),
  'close-generation': ({ membership }: World, { runId }: Observed, generation: number, reason: string) =>
    membership.abort(runId, generation, reason),
  'offer-ranks': ({ offers }: World, { runId }: Observed, generation: number, offer: Parameters<Offers['make']>[2]) =>
    offers.make(runId, generation, offer),
  /** The ranks look at what is wanted of them. */
  'call-ranks': ({ redis }: World, { runId }: Observed) => redis.publish(keys.orders(runId), ''),
  'call-coordinator': ({ requestReconcile }: World, { runId }: Observed) => requestReconcile(runId),
  'call-next-in-turn': ({ nextTurn }: World) => nextTurn(),
  'drop-group': ({ membership }: World, { runId }: Observed) => membership.drop(runId),
  'drop-gradients': ({ dropGradients }: World, { runId }: Observed) => dropGradients(runId),
  /** Nobody here needs the rest any more: the API removes it. */
  'give-keys-up': ({ redis }: World, { runId }: Observed) => {
    const done = redis.multi().zrem(keys.activeRuns, runId).sadd(keys.overRuns, runId);
    for (const key of [keys.spec(runId), keys.desired(runId), keys.state(runId)]) done.expire(key, keptSeconds);
    return done.exec();
  },
} satisfies Record<string, (world: World, run: Observed, ...args: never[]) => Promise<unknown>>;

type Conclusions = typeof conclusions;
type Deeds = typeof deeds;
type Rest<F> = F extends (run: Observed, ...rest: infer R) => unknown ? R : never;
type DeedRest<F> = F extends (world: World, run: Observed, ...rest: infer R) => unknown ? R : never;

export type TransitionName = keyof Conclusions | keyof Deeds;
/** Every one that there is: a test kills the coordinator before and after each. */
export const transitionNames = [...Object.keys(conclusions), ...Object.keys(deeds)] as TransitionName[];

/**
 * Everything that a coordinator changes, it changes through here: by a name of the lists above, which say how. So it can be interrupted at
 * each of them, and the tests do.
 */
export class Transitions {
  constructor(
    private readonly world: World,
    /** Hears of each transition before and after it takes effect; what it throws goes to whoever asked for the transition. */
    private readonly watch: (name: TransitionName, when: 'before' | 'after') => void = () => undefined,
  ) {}

  /**
   * Makes a change of the run true, if nobody has made another one since it was observed; with its entries in the stream at the same
   * moment. Resolves to true: look again.
   */
  async conclude<Name extends keyof Conclusions>(
    name: Name,
    run: Observed,
    ...rest: Rest<Conclusions[Name]>
  ): Promise<true> {
    const change = (conclusions[name] as (run: Observed, ...rest: unknown[]) => Change)(run, ...rest);
    const entries = notes.has(name) && change.lines.length === 0 ? [] : entriesOf(run, change);
    const patch = run.state === null ? { ...changes.first(run), ...change.patch } : change.patch;
    this.watch(name, 'before');
    const { ok } = await transition(this.world.redis, {
      runId: run.runId,
      epoch: run.epoch,
      turn: change.turn,
      patch: encodePatch(patch),
      entries: entries.map((entry) => JSON.stringify(entry)),
    });
    this.watch(name, 'after');
    const generation = change.patch.generation ?? run.state?.generation;
    for (const { event, message, data } of ok ? change.lines : []) {
      this.world.log.info({ runId: run.runId, generation, event, ...data }, message);
    }
    return true;
  }

  /** Does something to the world. */
  async act<Name extends keyof Deeds>(
    name: Name,
    run: Observed,
    ...rest: DeedRest<Deeds[Name]>
  ): Promise<Awaited<ReturnType<Deeds[Name]>>> {
    this.watch(name, 'before');
    const deed = deeds[name] as (world: World, run: Observed, ...rest: unknown[]) => ReturnType<Deeds[Name]>;
    const result = await deed(this.world, run, ...rest);
    this.watch(name, 'after');
    return result;
  }
}
