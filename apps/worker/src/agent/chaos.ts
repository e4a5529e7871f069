import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type EventEntry, type Fault, fault, faults, keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { TrainerFault } from '../ipc.js';
import type { Doing } from './heartbeat.js';
import type { TrainerProcess } from './trainer-process.js';

/** A trainer that nobody ends wakes again, finds that its worker is gone, and exits: no fault leaves a process behind. */
const wakesAfterSeconds = 60;

export interface ChaosParts {
  redis: Redis;
  workerId: string;
  doing(): Doing;
  trainer(): TrainerProcess | null;
  log: Logger;
}

/** Faults on purpose: does to this worker what it is told to, now or once a step is committed, and says so in the ledger of its run first. */
export class Chaos {
  private armed: Fault[] = [];
  private step = 0;
  private subscriber: Redis | null = null;

  constructor(private readonly parts: ChaosParts) {}

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const { redis, workerId, log } = this.parts;
    this.subscriber = redis.duplicate();
    this.subscriber.on('error', () => undefined);
    this.subscriber.on('message', (_channel, text) => this.hear(text));
    await this.subscriber.subscribe(keys.chaos(workerId));
    log.warn({ workerId }, 'this worker takes faults on purpose (CHAOS=1)');
  }

  stop(): void {
    this.armed = [];
    this.subscriber?.disconnect();
  }

  /** The worker's rank has committed this step. */
  reached(step: number): void {
    this.step = step;
    const due = this.armed.filter(({ atStep }) => (atStep ?? 0) <= step);
    if (due.length === 0) return;
    this.armed = this.armed.filter((one) => !due.includes(one));
    for (const one of due) void this.happen(one);
  }

  private hear(text: string): void {
    const heard = fault.safeParse(readJson(text));
    if (!heard.success) {
      this.parts.log.warn({ text, error: heard.error.message }, 'a fault that nobody knows');
      return;
    }
    // one whose step is committed already happens at the next step
    if (heard.data.atStep === undefined) void this.happen(heard.data);
    else this.armed.push(heard.data);
  }

  private async happen(it: Fault): Promise<void> {
    const trainer = this.parts.trainer();
    const seconds = 'seconds' in it ? it.seconds : 0;
    await this.tell(it);
    switch (it.fault) {
      case 'kill-trainer':
        return trainer?.kill();
      case 'hang-trainer':
        return this.hang(pidsOf(trainer?.pid), wakesAfterSeconds);
      case 'kill-worker':
        process.kill(process.pid, 'SIGKILL');
        return;
      case 'leave':
        process.kill(process.pid, 'SIGTERM');
        return;
      case 'hang-worker':
        return this.hang(pidsOf(trainer?.pid, process.pid), seconds);
      case 'drop-redis':
        this.parts.redis.disconnect(true);
        this.subscriber?.disconnect(true);
        trainer?.send({ type: 'fault', fault: it.fault, seconds });
        return;
      default:
        trainer?.send({ type: 'fault', fault: it.fault satisfies TrainerFault, seconds });
    }
  }

  /** Somebody else must wake them: a shell that outlives this process. */
  private hang(pids: number[], seconds: number): void {
    const all = pids.join(' ');
    spawn('sh', ['-c', `kill -STOP ${all}; sleep ${seconds}; kill -CONT ${all}`], {
      detached: true,
      stdio: 'ignore',
    }).unref();
  }

  private async tell(it: Fault): Promise<void> {
    const { redis, workerId, doing, log } = this.parts;
    const { runId, rank, generation, status } = doing();
    log.warn({ ...it, runId, rank }, 'a fault on purpose');
    if (runId === null) return;
    const says = faults[it.fault].says.replace('`seconds`', 'seconds' in it ? `${it.seconds} s` : '');
    const entry: EventEntry = {
      type: 'event',
      runId,
      generation: generation ?? 0,
      time: new Date().toISOString(),
      key: `fault:${randomUUID()}`,
      event: 'fault',
      step: status === 'training' ? this.step : 0,
      message: `A fault on purpose, ${it.fault}, ${rank === null ? 'at' : `at rank ${rank},`} worker ${workerId}: ${says}.`,
      data: { ...it, workerId, rank },
    };
    await redis
      .xadd(keys.stream, '*', 'data', JSON.stringify(entry))
      .catch((error: Error) => log.warn({ error: error.message }, 'the ledger does not hear of a fault'));
  }
}

const pidsOf = (...pids: (number | undefined)[]): number[] => pids.filter((pid) => pid !== undefined);

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
