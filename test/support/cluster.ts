import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  bullPrefix,
  type EventEntry,
  jobNames,
  keys,
  type MetricsEntry,
  newId,
  queueNames,
  type RunBodyInput,
  type RunSpec,
  reconcileOptions,
  runConfig,
  type StateEntry,
  type StreamEntry,
  streamEntry,
  type WorkerBeat,
  workerBeat,
} from '@regatta/contracts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from './redis.js';
import { until } from './until.js';

export interface TestAgent {
  process: ChildProcess;
  workerId: string;
}

/** Two Redis servers and agents as processes of their own, with fake trainers: what the API does is done by `submit` and `cancel`. */
export class Cluster {
  readonly agents: TestAgent[] = [];

  private constructor(
    readonly control: TestRedis,
    readonly gradients: TestRedis,
    readonly redis: Redis,
    private readonly runs: Queue,
  ) {}

  static async start(): Promise<Cluster> {
    const [control, gradients] = await Promise.all([startRedis({ aof: true }), startRedis()]);
    const redis = new Redis(control.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    const runs = new Queue(queueNames.runs, { connection: redis, prefix: bullPrefix });
    runs.on('error', () => undefined);
    return new Cluster(control, gradients, redis, runs);
  }

  /** Starts an agent and waits until it can be seen. `LOG=info` in the environment shows what it logs. */
  async addAgent(fingerprint = 'kind-a'): Promise<TestAgent> {
    const settings = {
      redisUrl: this.control.url,
      gradientRedisUrls: [this.gradients.url],
      artifactsUrl: 'file:///nowhere',
      engine: 'fake',
      threads: 1,
      logLevel: process.env.LOG ?? 'warn',
      codeVersion: 'test',
    };
    const program = fileURLToPath(new URL('./fake-agent.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, JSON.stringify({ settings, fingerprint })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const workerId = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        if (line.startsWith('worker ')) {
          resolve(line.slice('worker '.length));
        } else {
          process.stderr.write(`${line}\n`);
        }
      });
      child.once('exit', (code) => reject(new Error(`the agent ended with ${code}`)));
    });
    const agent = { process: child, workerId };
    this.agents.push(agent);
    return agent;
  }

  /** Writes a run as the API does, and asks for a reconcile. `fake`: what its trainers do wrong. */
  async submit(
    {
      priority = 0,
      training = {},
      distributed = {},
    }: {
      priority?: number;
      training?: RunBodyInput['training'];
      distributed?: RunBodyInput['distributed'];
    } = {},
    fake: Record<string, string | number> = {},
  ): Promise<string> {
    const runId = newId();
    const config = runConfig.parse({
      task: 'bert-pretrain',
      dataset: 'none',
      priority,
      training: { maxSteps: 20, checkpointEvery: 5, ...training },
      distributed,
    });
    const spec: RunSpec = {
      runId,
      config,
      dataset: { id: newId(), name: 'none', version: 1, sha256: '' },
      createdAt: new Date().toISOString(),
    };
    await this.redis
      .multi()
      .hset(`fake:${runId}`, { stepMs: 10, ...fake })
      .set(keys.spec(runId), JSON.stringify(spec))
      .hset(keys.desired(runId), { state: 'running', priority })
      .zadd(keys.activeRuns, Date.now(), runId)
      .exec();
    await this.reconcile(runId);
    return runId;
  }

  async cancel(runId: string): Promise<void> {
    await this.redis.hset(keys.desired(runId), 'state', 'cancelled');
    await this.reconcile(runId);
  }

  async reconcile(runId: string): Promise<void> {
    await this.runs.add(jobNames.runs, { runId }, reconcileOptions(runId));
  }

  /** Everything that workers have told the API of this run; each entry is of the agreed form. */
  async entries(runId: string): Promise<StreamEntry[]> {
    const raw = await this.redis.xrange(keys.stream, '-', '+');
    return raw.map(([, [, json]]) => streamEntry.parse(JSON.parse(json))).filter((entry) => entry.runId === runId);
  }

  async events(runId: string): Promise<EventEntry[]> {
    return (await this.entries(runId)).filter((entry) => entry.type === 'event');
  }

  async states(runId: string): Promise<StateEntry[]> {
    return (await this.entries(runId)).filter((entry) => entry.type === 'state');
  }

  /** The loss of every step, each told once or several times, always with the same value. */
  async losses(runId: string): Promise<Map<number, number>> {
    const metrics = (await this.entries(runId)).filter((entry): entry is MetricsEntry => entry.type === 'metrics');
    const losses = new Map<number, number>();
    for (const { step, values } of metrics) {
      const before = losses.get(step);
      if (before !== undefined && before !== values['train.loss']) {
        throw new Error(`step ${step} has two losses: ${before} and ${values['train.loss']}`);
      }
      losses.set(step, values['train.loss'] as number);
    }
    return losses;
  }

  /** What the workers say of themselves. */
  async workers(): Promise<WorkerBeat[]> {
    return (await this.redis.hvals(keys.workers)).map((json) => workerBeat.parse(JSON.parse(json)));
  }

  activeRuns(): Promise<string[]> {
    return this.redis.zrange(keys.activeRuns, 0, -1);
  }

  /** The trainers that were started for a run, in order. */
  async starts(
    runId: string,
  ): Promise<{ rank: number; worldSize: number; generation: number; pid: number; resumeStep: number | null }[]> {
    return (await this.redis.lrange(`fake:${runId}:starts`, 0, -1)).map((json) => JSON.parse(json));
  }

  /** Waits for a status that the run has now or had before; returns that state. */
  async reached(runId: string, status: StateEntry['status'], timeout = 30_000): Promise<StateEntry> {
    const reached = async () => (await this.states(runId)).find((state) => state.status === status);
    const ledger = async () => (await this.events(runId)).map(({ event, message }) => `${event}: ${message}`);
    return until(reached, { timeout, what: async () => ({ status, ledger: await ledger() }) });
  }

  /** Waits until a step of the run is committed. */
  async committed(runId: string, step: number): Promise<void> {
    await until(async () => ((await this.losses(runId)).size >= step ? true : null), { what: `step ${step}` });
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.agents.map(async ({ process: agent }) => {
        if (agent.exitCode === null && agent.signalCode === null) {
          const exited = once(agent, 'exit');
          agent.kill('SIGKILL');
          await exited;
        }
      }),
    );
    await this.runs.close();
    this.redis.disconnect();
    await Promise.all([this.control.stop(), this.gradients.stop()]);
  }
}
