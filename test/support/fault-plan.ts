import fc from 'fast-check';
import type { Cluster, TestAgent } from './cluster.js';
import { until } from './until.js';

/** What goes wrong, or is asked of the run, once a step is committed. `rank` counts modulo the gang's size. */
export type Fault = { atStep: number } & (
  | { does: 'kill-trainer' | 'freeze-trainer' | 'kill-agent' | 'freeze-worker' | 'ask-to-leave'; rank: number }
  | { does: 'restart-control' | 'restart-gradients' | 'kill-all-agents' | 'pause-and-resume' }
  | { does: 'scale'; workers: number }
);

/** A run's misfortunes in order. JSON, so that one that did harm can be printed and carried out again. */
export interface FaultPlan {
  workers: number;
  faults: Fault[];
}

export const faultPlans = (steps: number): fc.Arbitrary<FaultPlan> => {
  const atStep = fc.integer({ min: 1, max: steps - 5 });
  const ofRank = fc.record({
    atStep,
    does: fc.constantFrom('kill-trainer', 'freeze-trainer', 'kill-agent', 'freeze-worker', 'ask-to-leave'),
    rank: fc.integer({ min: 0, max: 2 }),
  });
  const ofAll = fc.record({
    atStep,
    does: fc.constantFrom('restart-control', 'restart-gradients', 'kill-all-agents', 'pause-and-resume'),
  });
  const scale = fc.record({ atStep, does: fc.constant('scale'), workers: fc.integer({ min: 1, max: 3 }) });
  const fault = fc.oneof({ weight: 3, arbitrary: ofRank }, ofAll, scale) as fc.Arbitrary<Fault>;
  return fc.record({
    workers: fc.integer({ min: 1, max: 3 }),
    faults: fc
      .array(fault, { minLength: 1, maxLength: 4 })
      .map((faults) => [...faults].sort((a, b) => a.atStep - b.atStep)),
  });
};

/** Carries a plan out on a run of fake trainers, as far as the run lasts. Every agent that goes is replaced by a new one. */
export class Misfortune {
  constructor(
    private readonly cluster: Cluster,
    private readonly runId: string,
  ) {}

  async strike(faults: Fault[]): Promise<void> {
    for (const fault of faults) {
      const over = async () => (await this.cluster.states(this.runId)).some(({ status }) => status === 'completed');
      await until(async () => (await this.cluster.losses(this.runId)).size >= fault.atStep || (await over()), {
        what: () => this.ledger(),
      });
      if (await over()) break;
      await this.happen(fault);
    }
  }

  /** What the run's ledger says, for people. */
  async ledger(): Promise<string[]> {
    return (await this.cluster.events(this.runId)).map(({ event, message }) => `${event}: ${message}`);
  }

  private async happen(fault: Fault): Promise<void> {
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
      default: {
        const agent = await this.holderOf(fault.rank);
        return agent && this.hit(agent, fault.does);
      }
    }
  }

  private async hit(agent: TestAgent, does: Extract<Fault, { rank: number }>['does']): Promise<void> {
    const trainer = agent.log.findLast(({ msg, runId }) => msg === 'training' && runId === this.runId)
      ?.trainer as number;
    switch (does) {
      case 'kill-trainer':
        return signal(trainer, 'SIGKILL');
      case 'freeze-trainer':
        return signal(trainer, 'SIGSTOP');
      case 'kill-agent':
        agent.process.kill('SIGKILL');
        return void (await this.cluster.addAgent());
      case 'ask-to-leave':
        agent.process.kill('SIGTERM');
        return void (await this.cluster.addAgent());
      case 'freeze-worker': {
        signal(trainer, 'SIGSTOP');
        agent.process.kill('SIGSTOP');
        // wakes only after it was given up, and finds that the others went on
        const lost = async () =>
          (await this.cluster.events(this.runId)).some(
            ({ event, data }) => event === 'worker-lost' && data.workerId === agent.workerId,
          );
        await until(lost, { timeout: 30_000 }).catch(() => undefined);
        agent.process.kill('SIGCONT');
        return signal(trainer, 'SIGCONT');
      }
    }
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

/** One that has gone meanwhile cannot be hit. */
function signal(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name);
  } catch {
    // nothing is there any more
  }
}
