import { keys, type LogLevel, type LogsEntry, logLevels, longestLogLine } from '@regatta/contracts';
import type { Redis } from 'ioredis';

type Line = LogsEntry['lines'][number];

const everyMs = 500;
/** Lines that may wait for the next sending; what comes beyond that is counted, not kept. */
const mostWaiting = 499;
/** Said of every line, or by a place of its own. */
const known = new Set(['level', 'time', 'pid', 'hostname', 'program', 'runId', 'rank', 'source', 'msg', 'err']);

/**
 * A second destination of the worker's log: what is said about a run, by the agent or by its trainer, goes into the stream and so to
 * GET /runs/:id/logs. Lines that a worker has not sent when it dies are only in its own log.
 */
export class RunLog {
  private waiting: { runId: string; line: Line }[] = [];
  private readonly leftOut = new Map<string, number>();
  private seq = 1;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();
  private redis: Redis | undefined;
  private writer = '';

  /** A line of pino. */
  write(json: string): void {
    const said = readLine(json);
    if (!said) return;
    if (this.waiting.length < mostWaiting) this.waiting.push(said);
    else this.leftOut.set(said.runId, (this.leftOut.get(said.runId) ?? 0) + 1);
  }

  /** @param writer never the same for two processes */
  open(redis: Redis, writer: string): void {
    this.redis = redis;
    this.writer = writer;
    let busy = false;
    this.timer = setInterval(() => {
      // One at a time: while Redis is away the lines wait here.
      if (busy) return;
      busy = true;
      this.sending = this.send().finally(() => {
        busy = false;
      });
    }, everyMs);
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.sending;
    await this.send();
  }

  private async send(): Promise<void> {
    if (!this.redis || this.waiting.length === 0) return;
    const byRun = new Map<string, Line[]>();
    for (const { runId, line } of this.waiting) byRun.set(runId, [...(byRun.get(runId) ?? []), line]);
    this.waiting = [];
    for (const [runId, count] of this.leftOut) byRun.get(runId)?.push(tooMany(count));
    this.leftOut.clear();
    const pipeline = this.redis.pipeline();
    for (const [runId, lines] of byRun) {
      const entry: LogsEntry = { type: 'logs', runId, writer: this.writer, seq: this.seq, lines };
      this.seq += lines.length;
      pipeline.xadd(keys.stream, '*', 'data', JSON.stringify(entry));
    }
    await pipeline.exec().catch(() => undefined);
  }
}

const tooMany = (count: number): Line => ({
  time: new Date().toISOString(),
  level: 'warn',
  rank: null,
  source: 'agent',
  text: `${count} lines were left out here: too many at once`,
});

/** What a line of pino says of a run; undefined where it is about none. */
export function readLine(json: string): { runId: string; line: Line } | undefined {
  const outer = parse(json);
  if (typeof outer?.runId !== 'string') return undefined;
  const isTrainer = outer.source === 'trainer';
  // A trainer's own line of pino is what the agent's line says.
  const inner = (isTrainer && parse(String(outer.msg))) || outer;
  const rank = inner.rank ?? outer.rank;
  const line: Line = {
    time: new Date(Number(inner.time ?? outer.time)).toISOString(),
    level: levelOf(inner.level),
    rank: typeof rank === 'number' ? rank : null,
    source: isTrainer ? 'trainer' : 'agent',
    text: textOf(inner),
  };
  return { runId: outer.runId, line };
}

function textOf(said: Record<string, unknown>): string {
  const { stack, message } = (said.err ?? {}) as { stack?: string; message?: string };
  const rest = Object.entries(said)
    .filter(([key, value]) => !known.has(key) && value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const parts = [String(said.msg ?? message ?? ''), rest.join(' ')].filter((part) => part !== '').join('  ');
  const text = withoutSecrets(stack ? `${parts}\n${stack}` : parts);
  return text.slice(0, longestLogLine).replace(/[\0\p{Surrogate}]/gu, '\ufffd');
}

/** Passwords in addresses and API keys never leave the worker's own log. */
export const withoutSecrets = (text: string): string =>
  text.replace(/(\w:\/\/)[^\s/@]*@/g, '$1…@').replace(/\brgt_[\w-]+/g, 'rgt_…');

const levelOf = (number: unknown): LogLevel => logLevels[Math.round(Number(number) / 10) - 1] ?? 'info';

function parse(json: string): Record<string, unknown> | undefined {
  if (!json.startsWith('{')) return undefined;
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
