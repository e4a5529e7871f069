import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GroupState, Membership } from '@regatta/collective';
import { keys, type StateEntry } from '@regatta/contracts';
import { type Outcome, reportOutcome } from '../../apps/worker/src/agent/reports.js';
import { type TransitionName, transitionNames } from '../../apps/worker/src/agent/transitions.js';
import { Cluster } from '../support/cluster.js';
import { beat, coordinator, member } from '../support/coordinator.js';

interface Death {
  /** Of the story's transitions, from 0. */
  at: number;
  when: 'before' | 'after';
}

/** What a story has come to, without times and ids. */
interface Outcomes {
  ledgers: unknown[];
  states: Pick<StateEntry, 'epoch' | 'status' | 'generation' | 'restarts' | 'workers'>[];
  groups: (Pick<GroupState, 'generation' | 'phase' | 'members'> | null)[];
  active: number;
}

/** Runs through what happens to them, looked at by a coordinator that may die in the middle; two others go on then, at the same time. */
class Story {
  readonly transitions: TransitionName[] = [];
  readonly runs: string[] = [];
  died = false;
  private readonly membership: Membership;

  constructor(
    private readonly cluster: Cluster,
    private readonly death: Death | null,
  ) {
    this.membership = new Membership(cluster.redis);
  }

  private get redis() {
    return this.cluster.redis;
  }

  async submit(minWorkers: number, maxWorkers: number, priority = 0, more = {}): Promise<string> {
    const runId = await this.cluster.submit({ priority, distributed: { minWorkers, maxWorkers, ...more } });
    this.runs.push(runId);
    return runId;
  }

  workers(...doing: Parameters<typeof beat>[1]): Promise<void> {
    return beat(this.redis, doing);
  }

  signOff(index: number): Promise<number> {
    return this.redis.hdel(keys.workers, `worker-${index}`);
  }

  async look(runId: string): Promise<void> {
    const dies = coordinator(this.redis, (name, when) => {
      if (when === 'before') this.transitions.push(name);
      if (this.death?.at !== this.transitions.length - 1 || this.death.when !== when) return;
      this.died = true;
      throw new Error('died');
    });
    const others = [coordinator(this.redis), coordinator(this.redis)];
    if (!this.died) {
      await dies.reconcile(runId).catch((error: Error) => expect(error.message).toBe('died'));
    }
    if (this.died) await Promise.all(others.map((other) => other.reconcile(runId)));
    // however long the test takes: no account but where the story wants one
    await this.state(runId, { accountedAt: Number.MAX_SAFE_INTEGER });
  }

  /** Changes what the coordinator knows of the time. */
  async state(runId: string, fields: Record<string, unknown>): Promise<void> {
    if (!(await this.redis.exists(keys.state(runId)))) return;
    const encoded = Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)]);
    await this.redis.hset(keys.state(runId), Object.fromEntries(encoded));
  }

  want(runId: string, wanted: Record<string, string | number>): Promise<number> {
    return this.redis.hset(keys.desired(runId), wanted);
  }

  /** Workers claim a place, naming the step that they hold. */
  async claim(runId: string, generation: number, indices: number[], step?: number): Promise<void> {
    for (const index of indices) {
      const one = { ...member(index, `${generation}-${index}`), ...(step !== undefined && { step }) };
      expect(await this.membership.claim(runId, generation, one)).toMatchObject({ accepted: true });
    }
  }

  /** The gang commits a step. */
  commit(runId: string, completeGeneration: number, completeStep: number): Promise<number> {
    return this.redis.hset(keys.group(runId), { completeGeneration, completeStep });
  }

  report(runId: string, generation: number, index: number, outcome: Partial<Outcome>): Promise<void> {
    const report = { step: 3, weightsSha256: null, code: 'internal', message: 'killed', retryable: true };
    return reportOutcome(this.redis, runId, generation, `${generation}-${index}`, {
      outcome: 'exited',
      ...report,
      ...outcome,
    });
  }

  /** A run that trains on these workers. */
  async trains(runId: string, generation: number, indices: number[], step?: number): Promise<void> {
    await this.claim(runId, generation, indices, step);
    await this.workers(...indices.map(() => ({ status: 'joining' as const, runId, generation })));
    await this.look(runId);
    await this.commit(runId, generation, (step ?? 0) + 1);
    await this.look(runId);
  }

  /** Kinds of lines in a run's ledger. */
  async ledger(runId: string): Promise<string[]> {
    return (await this.cluster.events(runId)).map(({ event }) => event);
  }

  async outcomes(): Promise<Outcomes> {
    const known = async (runId: string) => {
      const epoch = Number(await this.redis.hget(keys.state(runId), 'epoch'));
      const { status, generation, restarts, workers } = (await this.cluster.states(runId)).at(-1) as StateEntry;
      return { epoch, status, generation, restarts, workers };
    };
    const ledger = async (runId: string) =>
      (await this.cluster.events(runId)).map(({ event, message, data }) => [event, message, data]);
    const group = async (runId: string) => {
      const found = await this.membership.group(runId);
      return found && { generation: found.generation, phase: found.phase, members: found.members };
    };
    const all = <T>(read: (runId: string) => Promise<T>) => Promise.all(this.runs.map(read));
    const [ledgers, states, groups] = await Promise.all([all(ledger), all(known), all(group)]);
    const timeless = JSON.stringify({ ledgers, states, groups })
      .replace(/\d+\.\d s/g, 'some time')
      .replace(/"(\w+Seconds)":[\d.]+/g, '"$1":0');
    const named = this.runs.reduce((text, runId, index) => text.replaceAll(runId, `run-${index}`), timeless);
    return { ...(JSON.parse(named) as Outcomes), active: (await this.cluster.activeRuns()).length };
  }
}

const stories: Record<string, (story: Story) => Promise<void>> = {
  'loses a worker and goes on without it': async (story) => {
    await story.workers('idle', 'idle');
    const run = await story.submit(1, 2);
    await story.look(run);
    await story.trains(run, 1, [0, 1]);
    await story.report(run, 1, 1, {});
    await story.look(run);
    await story.workers('idle', 'idle');
    await story.trains(run, 2, [0], 3);
  },
  'grows, with an account of its time': async (story) => {
    await story.workers('idle');
    const run = await story.submit(1, 2);
    await story.look(run);
    await story.trains(run, 1, [0]);
    await story.state(run, { accountedAt: 0, since: 0 });
    await story.look(run);
    await story.workers('training', { status: 'joining', runId: run, generation: 1, ready: true });
    await story.look(run);
  },
  'tells of a straggler, and goes on without it where it may': async (story) => {
    const runs: string[] = [];
    for (const [i, stragglers] of (['warn', 'drop'] as const).entries()) {
      await story.workers('idle', 'idle');
      const run = await story.submit(1, 2, 0, { stragglers });
      await story.look(run);
      await story.trains(run, 1, [0, 1]);
      runs.push(run);
      const training = { status: 'training' as const, runId: run, generation: 1 };
      await story.workers({ ...training, rank: 0, shardMs: 20 }, { ...training, rank: 1, shardMs: 90 });
      await story.look(run);
      expect((await story.ledger(run)).at(-1)).toBe(i === 0 ? 'straggler' : 'worker-released');
      await story.workers({ ...training, rank: 0, shardMs: 20 }, { ...training, rank: 1, shardMs: 21 });
      await story.look(run);
      await story.want(run, { state: 'cancelled' });
      await story.look(run);
    }
    expect(await story.ledger(runs[0])).toContain('straggler-over');
  },
  'is scaled down and completes': async (story) => {
    await story.workers('idle', 'idle');
    const run = await story.submit(1, 2);
    await story.look(run);
    await story.trains(run, 1, [0, 1]);
    await story.want(run, { maxWorkers: 1 });
    await story.look(run);
    await story.workers('idle', 'idle');
    await story.trains(run, 2, [0], 3);
    await story.report(run, 2, 0, { outcome: 'finished', step: 9, weightsSha256: 'w' });
    await story.look(run);
  },
  'is paused, goes on and is cancelled': async (story) => {
    await story.workers('idle');
    const run = await story.submit(1, 1);
    await story.look(run);
    await story.trains(run, 1, [0]);
    await story.want(run, { state: 'paused' });
    await story.look(run);
    await story.report(run, 1, 0, { outcome: 'stopped', weightsSha256: 'w' });
    await story.look(run);
    await story.workers('idle');
    await story.want(run, { state: 'running' });
    await story.look(run);
    await story.trains(run, 2, [0]);
    await story.want(run, { state: 'cancelled' });
    await story.look(run);
    await story.report(run, 2, 0, { outcome: 'stopped', weightsSha256: 'w' });
    await story.look(run);
    await story.workers('idle');
    await story.look(run);
  },
  'cannot hand its state over for want of room, and goes on without who needs it': async (story) => {
    await story.workers('idle');
    const run = await story.submit(1, 2);
    await story.look(run);
    await story.trains(run, 1, [0]);
    await story.workers('training', { status: 'joining', runId: run, generation: 1, ready: true });
    await story.look(run);
    await story.claim(run, 2, [0], 1);
    await story.claim(run, 2, [1]);
    await story.look(run);
    await story.report(run, 2, 0, { outcome: 'ended', code: 'disk-full', message: 'no room' });
    await story.look(run);
    expect(await story.ledger(run)).toContain('worker-released');
  },
  'loses a worker while it gathers, and gives its place in the queue to another': async (story) => {
    await story.workers('idle', 'idle');
    const run = await story.submit(2, 2);
    await story.look(run);
    await story.claim(run, 1, [0]);
    await story.look(run);
    await story.signOff(0);
    await story.look(run);
    await story.submit(1, 1);
    await story.state(run, { since: 0, joined: { generation: 1, count: 0, at: 0 } });
    await story.look(run);
    await story.look(story.runs[1]);
  },
  'fails for good': async (story) => {
    await story.workers('idle');
    const run = await story.submit(1, 1);
    await story.look(run);
    await story.trains(run, 1, [0]);
    await story.report(run, 1, 0, { outcome: 'failed', retryable: false, message: 'no data' });
    await story.look(run);
  },
  'gives a worker to a run of higher priority': async (story) => {
    await story.workers('idle', 'idle');
    const low = await story.submit(1, 2);
    await story.look(low);
    await story.trains(low, 1, [0, 1]);
    await story.look(await story.submit(1, 1, 5));
    await story.look(low);
  },
  'is saved and queued again for a run of higher priority': async (story) => {
    await story.workers('idle', 'idle');
    const low = await story.submit(2, 2);
    await story.look(low);
    await story.trains(low, 1, [0, 1]);
    await story.look(await story.submit(2, 2, 5));
    await story.report(low, 1, 0, { outcome: 'stopped', weightsSha256: 'w' });
    await story.look(low);
  },
};

/** Real Redis, no processes: what a coordinator does is known by name, and it is killed at each. */
describe('a coordinator that dies at a transition', () => {
  let cluster: Cluster;
  const reached = new Set<TransitionName>();
  beforeAll(async () => {
    cluster = await Cluster.start();
  });
  afterAll(() => cluster.stop());

  const tell = async (name: string, death: Death | null): Promise<Story> => {
    await cluster.redis.flushall();
    const story = new Story(cluster, death);
    await stories[name](story);
    return story;
  };

  it.each(Object.keys(stories))('leaves a run that %s as if it had lived', async (name) => {
    const undisturbed = await tell(name, null);
    const expected = await undisturbed.outcomes();
    // those that an earlier story has come to were killed there
    const fresh = [...undisturbed.transitions.entries()].filter(
      ([at, one]) => !reached.has(one) && undisturbed.transitions.indexOf(one) === at,
    );
    for (const [at, transition] of fresh) {
      reached.add(transition);
      for (const when of ['before', 'after'] as const) {
        const story = await tell(name, { at, when });
        expect([transition, when, story.died]).toEqual([transition, when, true]);
        expect([transition, when, await story.outcomes()]).toEqual([transition, when, expected]);
      }
    }
  });

  it('dies at every one that there is in these stories', () => {
    expect([...reached].sort()).toEqual([...transitionNames].sort());
  });
});
