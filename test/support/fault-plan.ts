import { type FaultKind, faults, keys } from '@regatta/contracts';
import fc from 'fast-check';
import type { Cluster, TestAgent } from './cluster.js';
import { until } from './until.js';

/** The product's own faults, but the one that changes numbers by design, and says so: out-of-memory. */
type OwnFault = Exclude<FaultKind, 'out-of-memory'>;
const ownFaults = Object.keys(faults).filter((kind) => kind !== 'out-of-memory') as OwnFault[];
const toAll = [
  'kill-coordinator',
  'kill-all-agents',
  'restart-control',
  'restart-gradients',
  'pause-and-resume',
] as const;

/** What goes wrong, or is asked of the run, once a step is committed. `rank` counts modulo the gang's size. */
export type FaultOfPlan = { atStep: number } & (
  | { does: OwnFault; rank: number; seconds?: number }
  | { does: (typeof toAll)[number] }
  | { does: 'scale'; workers: number }
);

/** A run's misfortunes in order. JSON, so that one that did harm can be printed and carried out again. */
export interface FaultPlan {
  workers: number;
  faults: FaultOfPlan[];
}

export const faultPlans = (steps: number): fc.Arbitrary<FaultPlan> => {
  const atStep = fc.integer({ min: 1, max: steps - 5 });
  const rank = fc.integer({ min: 0, max: 2 });
  // a worker that hangs for 1 s is waited for, one that hangs for 6 s is given up
  const seconds = fc.constantFrom(1, 6);
  const ofRank = fc
    .constantFrom(...ownFaults)
    .chain((does) => fc.record({ atStep, does: fc.constant(does), rank, ...(faults[does].lasts && { seconds }) }));
  const ofAll = fc.record({ atStep, does: fc.constantFrom(...toAll) });
  const scale = fc.record({ atStep, does: fc.constant('scale'), workers: fc.integer({ min: 1, max: 3 }) });
  const fault = fc.oneof({ weight: 3, arbitrary: ofRank }, ofAll, scale) as fc.Arbitrary<FaultOfPlan>;
  return fc.record({
    workers: fc.integer({ min: 1, max: 3 }),
    faults: fc
      .array(fault, { minLength: 1, maxLength: 4 })
      .map((drawn) => [...drawn].sort((a, b) => a.atStep - b.atStep)),
  });
};

/** Carries a plan out on a run of fake trainers, as far as the run lasts. Every agent that goes is replaced by a new one. */
export class Misfortune {
  constructor(
    private readonly cluster: Cluster,
    private readonly runId: string,
  ) {}

  async strike(plan: FaultOfPlan[]): Promise<void> {
    for (const fault of plan) {
      await until(async () => (await this.cluster.losses(this.runId)).size >= fault.atStep || (await this.over()), {
        what: () => this.ledger(),
      });
      if (await this.over()) break;
      await this.happen(fault);
    }
  }

  /** What the run's ledger says, for people. */
  async ledger(): Promise<string[]> {
    return (await this.cluster.events(this.runId)).map(({ event, message }) => `${event}: ${message}`);
  }

  private async happen(fault: FaultOfPlan): Promise<void> {
    const { cluster, runId } = this;
    switch (fault.does) {
      case 'restart-control':
        return cluster.control.restart();
      case 'restart-gradients':
        return cluster.gradients.restart();
      case 'scale':
        return cluster.want(runId, { maxWorkers: fault.workers });
      case 'pause-and-resume': {
        await cluster.want(runId, { state: 'paused' });
        const stands = ['paused', 'completed'];
        await until(async () => stands.includes((await cluster.states(runId)).at(-1)?.status ?? ''), {
          what: () => this.ledger(),
        });
        return cluster.want(runId, { state: 'running' });
      }
      case 'kill-all-agents': {
        const alive = cluster.agents.filter(isAlive);
        for (const { process } of alive) process.kill('SIGKILL');
        await Promise.all(alive.map(() => cluster.addAgent()));
        return;
      }
      case 'kill-coordinator':
        await until(async () => this.coordinator() !== undefined || (await this.over()), { what: () => this.ledger() });
        return this.kill(this.coordinator());
      default:
        return this.cause(fault);
    }
  }

  /** Tells the worker of a rank, as the API does. */
  private async cause({ does, rank, seconds }: Extract<FaultOfPlan, { rank: number }>): Promise<void> {
    const { cluster } = this;
    const agent = await this.holderOf(rank);
    if (!agent) return;
    const text = JSON.stringify({ fault: does, seconds });
    // its connection may be broken just now
    const heard = async () => (await cluster.redis.publish(keys.chaos(agent.workerId), text)) > 0;
    await until(async () => (await heard()) || !isAlive(agent) || (await this.over()), { what: () => this.ledger() });
    if (does === 'kill-worker' || does === 'leave') await cluster.addAgent();
  }

  private async kill(agent: TestAgent | undefined): Promise<void> {
    if (!agent) return;
    agent.process.kill('SIGKILL');
    await this.cluster.addAgent();
  }

  private async over(): Promise<boolean> {
    return (await this.cluster.states(this.runId)).some(({ status }) => status === 'completed');
  }

  /** The agent that took the run's last transition, if it is alive. */
  private coordinator(): TestAgent | undefined {
    const took = this.cluster.agents.flatMap((agent) =>
      agent.log
        .filter(({ event, runId }) => event !== undefined && runId === this.runId)
        .map(({ time }) => ({ agent, time: time as number })),
    );
    const last = took.sort((a, b) => a.time - b.time).at(-1)?.agent;
    return last && isAlive(last) ? last : undefined;
  }

  private async holderOf(rank: number): Promise<TestAgent | undefined> {
    const { workers } = (await this.cluster.states(this.runId)).findLast((state) => state.workers.length > 0) ?? {
      workers: [],
    };
    const workerId = workers[rank % Math.max(1, workers.length)]?.workerId;
    return this.cluster.agents.find((agent) => agent.workerId === workerId && isAlive(agent));
  }
}

const isAlive = ({ process }: TestAgent): boolean => process.exitCode === null && process.signalCode === null;
