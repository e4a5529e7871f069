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
import type { PretrainingBody } from './pretraining.js';
import { startRedis, type TestRedis } from './redis.js';
import { until } from './until.js';

export interface TestAgent {
  process: ChildProcess;
  workerId: string;
  /** What it and its children have logged. */
  log: Record<string, unknown>[];
}

/** The id of a run, in a key. */
const aRun = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Two Redis servers and agents as processes of their own, with fake trainers: what the API does is done by `submit` and `want`. */
export class Cluster {
  readonly agents: TestAgent[] = [];
  private readonly told: StreamEntry[] = [];
  private lastId = '0-0';
  private reading: Promise<void> = Promise.resolve();

  private constructor(
    readonly control: TestRedis,
    readonly gradients: TestRedis,
    readonly redis: Redis,
    private readonly runs: Queue,
    private readonly ownServers: TestRedis[],
  ) {}

  /** `shared`: the control server, where it is not the cluster's own. */
  static async start(shared?: TestRedis): Promise<Cluster> {
    const [control, gradients] = await Promise.all([shared ?? startRedis({ aof: true }), startRedis()]);
    const redis = new Redis(control.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    const runs = new Queue(queueNames.runs, { connection: redis, prefix: bullPrefix });
    runs.on('error', () => undefined);
    return new Cluster(control, gradients, redis, runs, shared ? [gradients] : [control, gradients]);
  }

  /** Starts a real agent with fake children, and waits until it can be seen. `fingerprint`: its kind; with engine `broken` it cannot prepare. */
  addAgent(fingerprint = 'kind-a', engine = 'fake'): Promise<TestAgent> {
    return this.addAgentAt([], '127.0.0.1', fingerprint, engine);
  }

  /** The same, started by a command (`ip netns exec …`), and reaching the Redis servers at this address. */
  async addAgentAt(command: string[], host: string, fingerprint = 'kind-a', engine = 'fake'): Promise<TestAgent> {
    const at = (url: string) => url.replace('127.0.0.1', host);
    const settings = {
      redisUrl: at(this.control.url),
      gradientRedisUrls: [at(this.gradients.url)],
      artifactsUrl: 'file:///nowhere',
      engine,
      threads: 1,
      logLevel: 'info',
      codeVersion: 'test',
    };
    const agent = [process.execPath, program('./fake-agent.mjs'), JSON.stringify({ settings, fingerprint })];
    return this.spawn([...command, ...agent], process.env);
  }

  /** Starts the worker program itself, with its real trainer and predictor. */
  async addWorker(artifactsUrl: string): Promise<TestAgent> {
    const { control, gradients } = this;
    const urls = { REDIS_URL: control.url, GRADIENT_REDIS_URL: gradients.url, ARTIFACTS_URL: artifactsUrl };
    const worker = [process.execPath, program('../../apps/worker/dist/main.js')];
    return this.spawn(worker, { ...process.env, ...urls, CHAOS: '1', LOG_LEVEL: 'info' });
  }

  private async spawn([command, ...args]: string[], env: NodeJS.ProcessEnv): Promise<TestAgent> {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const agent: TestAgent = { process: child, workerId: '', log: [] };
    this.agents.push(agent);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      agent.log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line });
    });
    const ready = () => {
      if (child.exitCode !== null) {
        throw new Error(`the worker ended with ${child.exitCode}`);
      }
      return agent.log.find(({ msg }) => msg === 'worker ready')?.workerId as string | undefined;
    };
    agent.workerId = await until(ready, { what: () => agent.log });
    return agent;
  }

  /** The process of a rank, as its agent logged it when the rank began to train. */
  async trainerOf(runId: string, rank: number): Promise<number> {
    const training = () =>
      this.agents
        .flatMap(({ log }) => log)
        .findLast((line) => line.msg === 'training' && line.runId === runId && line.rank === rank);
    return (await until(training, { what: `rank ${rank}` })).trainer as number;
  }

  /** Submits a run for fake trainers. `fake`: what they do wrong. */
  async submit(
    {
      priority = 0,
      training = {},
      distributed = {},
    }: {
      priority?: number;
      training?: PretrainingBody['training'];
      distributed?: PretrainingBody['distributed'];
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
      dataset: { id: newId(), name: 'none', version: 1, sha256: '', kind: 'text' },
      base: null,
      createdAt: new Date().toISOString(),
    };
    await this.redis.hset(`fake:${runId}`, { stepMs: 10, ...fake });
    return this.submitSpec(spec);
  }

  /** Writes a run as the API does, and asks for a reconcile. */
  async submitSpec(spec: RunSpec): Promise<string> {
    const { runId } = spec;
    await this.redis
      .multi()
      .set(keys.spec(runId), JSON.stringify(spec))
      .hset(keys.desired(runId), { state: 'running', priority: spec.config.priority })
      .zadd(keys.activeRuns, Date.parse(spec.createdAt), runId)
      .exec();
    await this.reconcile(runId);
    return runId;
  }

  cancel(runId: string): Promise<void> {
    return this.want(runId, { state: 'cancelled' });
  }

  /** Writes what is wanted of a run, as the API does. */
  async want(
    runId: string,
    wanted: { state?: 'running' | 'paused' | 'cancelled'; minWorkers?: number; maxWorkers?: number },
  ): Promise<void> {
    await this.redis.hset(keys.desired(runId), wanted);
    await this.redis.publish(keys.orders(runId), '');
    await this.reconcile(runId);
  }

  async reconcile(runId: string): Promise<void> {
    await this.runs.add(jobNames.runs, { runId }, reconcileOptions(runId));
  }

  /** Everything that workers have told the API of this run; each entry is of the agreed form. */
  async entries(runId: string): Promise<StreamEntry[]> {
    // one reader at a time: each goes on where the one before it stopped
    const read = this.reading.then(() => this.readOn());
    this.reading = read.catch(() => undefined);
    await read;
    return this.told.filter((entry) => entry.runId === runId);
  }

  private async readOn(): Promise<void> {
    const raw = await this.redis.xrange(keys.stream, `(${this.lastId}`, '+');
    this.told.push(...raw.map(([, [, json]]) => streamEntry.parse(JSON.parse(json))));
    this.lastId = raw.at(-1)?.[0] ?? this.lastId;
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
      if (values['train.loss'] === undefined) {
        continue;
      }
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

  /** What a person wants of a worker, as the API writes it. */
  async drain(workerId: string, drained: boolean): Promise<void> {
    await (drained ? this.redis.sadd(keys.drained, workerId) : this.redis.srem(keys.drained, workerId));
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
  async reached(runId: string, status: StateEntry['status'], timeout = 120_000): Promise<StateEntry> {
    const reached = async () => (await this.states(runId)).find((state) => state.status === status);
    const ledger = async () => (await this.events(runId)).map(({ event, message }) => `${event}: ${message}`);
    return until(reached, { timeout, what: async () => ({ status, ledger: await ledger() }) });
  }

  /** Waits until a step of the run is committed. */
  async committed(runId: string, step: number): Promise<void> {
    await until(async () => (await this.losses(runId)).size >= step, { what: `step ${step}` });
  }

  /**
   * Keys of runs on both servers that would stay for ever, once no run is active. `expiring`: the kinds of those that go by themselves
   * (generations, steps and so on left out).
   */
  async keysOfRuns(): Promise<{ lasting: string[]; expiring: string[] }> {
    await until(async () => (await this.activeRuns()).length === 0, { what: () => this.activeRuns() });
    const gradients = new Redis(this.gradients.url);
    const lasting: string[] = [];
    const expiring = new Set<string>();
    try {
      for (const [server, redis] of Object.entries({ control: this.redis, gradients })) {
        // what the fake trainers are told is the tests' own
        const ofRuns = (await redis.keys('*')).filter((key) => aRun.test(key) && !key.startsWith('fake:'));
        for (const key of ofRuns) {
          const ttl = await redis.ttl(key);
          if (ttl === -1) lasting.push(`${server}: ${key}`);
          if (ttl > 0)
            expiring.add(
              `${server}: ${key
                .replace(aRun, 'RUN')
                .replace(/:(g|s|c|in):\d+/g, '')
                .replace(/abort:.*/, 'abort')}`,
            );
        }
      }
    } finally {
      gradients.disconnect();
    }
    return { lasting, expiring: [...expiring].sort() };
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
    await Promise.all(this.ownServers.map((server) => server.stop()));
  }
}
