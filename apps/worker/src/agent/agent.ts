import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { dropGradients, Membership, placeRun } from '@regatta/collective';
import {
  bullPrefix,
  type Device,
  jobNames,
  queueNames,
  reconcileOptions,
  urgentOptions,
  type WorkerBeat,
} from '@regatta/contracts';
import { Queue, type Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Chaos } from './chaos.js';
import { Coordinator } from './coordinator.js';
import { Drain } from './drain.js';
import type { NewestCheckpoint } from './gathering.js';
import { Heartbeat, idle } from './heartbeat.js';
import { niceness } from './niceness.js';
import { Observer } from './observer.js';
import { Offers } from './offers.js';
import { PredictorProcess } from './predictor-process.js';
import { type InferenceProcesses, inferenceQueue } from './queues/inference.js';
import { assertComplete, consume } from './queues/queue.js';
import { ranksQueue } from './queues/ranks.js';
import { runsQueue } from './queues/runs.js';
import { RankHolder } from './rank.js';
import type { TrainerSettings } from './rank-parts.js';
import { connectControl } from './redis.js';
import type { RunLog } from './run-log.js';
import type { StartTrainer } from './trainer-process.js';
import { Transitions } from './transitions.js';
import { Turns } from './turns.js';

const tickMs = 1000;
/** A drained worker is away within 10 s: this for the rank, the rest for signing off. */
const drainMs = 8000;

export interface AgentOptions {
  settings: TrainerSettings;
  fingerprint: string;
  /** The GPU that the trainers compute with. */
  device?: Device;
  /** Paths of the children's programs; of the trainer also what starts one. */
  trainer: string | StartTrainer;
  predictor: string;
  newestCheckpoint(runId: string): Promise<NewestCheckpoint>;
  /** Whether this worker takes faults on purpose. */
  chaos?: boolean;
  /** Sends what is logged of a run to where its readers are. */
  runLog: RunLog;
  log: Logger;
}

/** A worker process: takes offers, reconciles runs, predicts, and beats its heart. It never computes itself, so its event loop is always free. */
export class Agent {
  readonly workerId: string;
  private readonly redis: Redis;
  private readonly queues: Record<'runs' | 'ranks', Queue>;
  private readonly heartbeat: Heartbeat;
  private readonly ranks: RankHolder;
  private readonly drain: Drain;
  private readonly inference: InferenceProcesses;
  private readonly coordinator: Coordinator;
  private readonly turns: Turns;
  private readonly chaos: Chaos | null;
  private workers: Worker[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: AgentOptions) {
    const { settings, fingerprint, log } = options;
    const host = os.hostname();
    // Never the same for two processes: a worker that was restarted has lost what the one before it held.
    this.workerId = `${host}-${process.pid}-${randomUUID().slice(0, 4)}`;
    this.redis = connectControl(settings.redisUrl, log);
    this.queues = {
      runs: new Queue(queueNames.runs, { connection: this.redis, prefix: bullPrefix }),
      ranks: new Queue(queueNames.ranks, { connection: this.redis, prefix: bullPrefix }),
    };
    for (const queue of Object.values(this.queues)) {
      queue.on('error', (error) => log.debug({ error: error.message }, 'a queue waits for Redis'));
    }
    this.turns = new Turns(this.redis);
    const membership = new Membership(this.redis);
    this.heartbeat = new Heartbeat(this.redis, this.description(host), log, () => ({
      shardMs: this.ranks?.shardMs,
      trouble: this.ranks?.trouble,
    }));
    this.coordinator = new Coordinator({
      observer: new Observer(this.redis, () => this.heartbeat.listeningSince),
      transitions: new Transitions({
        redis: this.redis,
        membership,
        offers: new Offers(this.queues.ranks),
        requestReconcile: (runId) => this.requestReconcile(runId),
        dropGradients: (runId) => this.dropGradients(runId),
        nextTurn: () => this.nextTurn(),
        log,
      }),
      newestCheckpoint: options.newestCheckpoint,
      place: (runId) => placeRun(this.redis, runId),
    });
    this.ranks = new RankHolder({
      redis: this.redis,
      membership,
      heartbeat: this.heartbeat,
      worker: { workerId: this.workerId, host, fingerprint },
      settings,
      trainer: options.trainer,
      requestReconcile: (runId) => this.requestReconcile(runId),
      dropGradients: (runId) => this.dropGradients(runId),
      nextTurn: () => this.nextTurn(),
      onStep: (step) => this.chaos?.reached(step),
      log,
    });
    this.chaos = options.chaos
      ? new Chaos({
          redis: this.redis,
          workerId: this.workerId,
          doing: () => this.heartbeat.current,
          trainer: () => this.ranks.trainer,
          log,
        })
      : null;
    const { workerId, heartbeat, ranks } = this;
    this.drain = new Drain({ workerId, heartbeat, ranks, log });
    this.inference = {
      predictor: new PredictorProcess(options.predictor, settings, log, niceness.predictor),
      evaluator: new PredictorProcess(options.predictor, settings, log, niceness.evaluator),
    };
  }

  /** Resolves when the worker can be seen and takes jobs. */
  async start(): Promise<void> {
    const { log } = this.options;
    const definitions = [runsQueue(this.coordinator), ranksQueue(this.ranks), inferenceQueue(this.inference)];
    assertComplete(definitions, queueNames, jobNames);
    await this.chaos?.start();
    this.options.runLog.open(this.redis, this.workerId);
    await this.heartbeat.start();
    this.redis.on('ready', () => this.heartbeat.listenAnew());
    this.workers = definitions.map((definition) => consume(this.redis, definition, log));
    this.drain.start(this.workers[1]);
    this.timer = setInterval(() => void this.tick(), tickMs);
    log.info({ workerId: this.workerId, fingerprint: this.options.fingerprint }, 'worker ready');
  }

  /** Takes nothing new, lets the rank it holds stop with a checkpoint, signs off. Within 10 s. */
  async stop(): Promise<void> {
    this.options.log.info({ workerId: this.workerId, ...this.heartbeat.current }, 'worker stopping');
    clearInterval(this.timer);
    this.chaos?.stop();
    this.drain.stop();
    await this.heartbeat.drain();
    const [runs, ranks, inference] = this.workers;
    // The rank's end asks for a reconcile: other workers, or this one when it comes back, will find it.
    await Promise.all([ranks?.pause(true), inference?.pause(true)]);
    await this.ranks.drain(drainMs);
    await Promise.all(Object.values(this.inference).map((process) => process.stop()));
    await Promise.all([runs, ranks, inference].map((worker) => worker?.close()));
    await this.heartbeat.stop();
    await Promise.all(Object.values(this.queues).map((queue) => queue.close()));
    await this.options.runLog.close();
    this.redis.disconnect();
  }

  private async requestReconcile(runId: string): Promise<void> {
    await this.queues.runs.add(jobNames.runs, { runId }, urgentOptions(runId));
  }

  /** What a server that is away keeps expires by itself. */
  private async dropGradients(runId: string): Promise<void> {
    const { settings, log } = this.options;
    const drop = (url: string) =>
      dropGradients(url, runId).catch((error: Error) =>
        log.debug({ runId, error: error.message }, 'gradients are left'),
      );
    await Promise.all(settings.gradientRedisUrls.map(drop));
  }

  /** The workers that a run waits for may be there now. */
  private async nextTurn(): Promise<void> {
    const runs = await this.turns.next();
    await Promise.all(runs.map((runId) => this.requestReconcile(runId)));
  }

  /** What no message told anyone (a worker that fell silent, time that passed) is found by looking every second. */
  private async tick(): Promise<void> {
    try {
      const runs = await this.turns.due();
      await this.queues.runs.addBulk(
        runs.map((runId) => ({ name: jobNames.runs, data: { runId }, opts: reconcileOptions(runId) })),
      );
    } catch (error) {
      this.options.log.warn({ error: (error as Error).message }, 'the tick failed');
    }
  }

  private description(host: string): Omit<WorkerBeat, 'beat' | keyof typeof idle> {
    const { settings, fingerprint, chaos, device } = this.options;
    return {
      id: this.workerId,
      host,
      pid: process.pid,
      fingerprint,
      threads: settings.threads,
      memoryBytes: os.totalmem(),
      startedAt: new Date().toISOString(),
      ...(chaos && { chaos }),
      ...(device && { device }),
    };
  }
}
