import { overview, type RunRow } from '@regatta/collective';
import { keys, workerBeat } from '@regatta/contracts';
import type { Redis } from 'ioredis';

/** So many runs are looked at as often as a few; of more, only those that could move. */
const fewRuns = 32;
/** Of the queued runs whose turn it is not, so many are looked at every second, one after another: what they wait for is kept up to date. */
const othersAtOnce = 8;
/** One worker at a time looks at whose turn it is, and at all runs; for so long nobody else does (ms). */
const turnMs = 250;
const allMs = 900;

/** Which runs a coordinator should look at now. With any number of workers, the control server is asked a few times a second. */
export class Turns {
  constructor(private readonly redis: Redis) {}

  /** What time alone may have changed. Empty where another worker has just looked. */
  async due(): Promise<string[]> {
    if (!(await this.first('turn', turnMs))) {
      return [];
    }
    const ids = await this.redis.zrange(keys.activeRuns, 0, -1);
    if (ids.length <= fewRuns) {
      return ids;
    }
    const rows = await overview(this.redis);
    const all = (await this.first('all', allMs)) ? [...busy(rows), ...someOf(rows, Date.now())] : [];
    return [...new Set([...whoseTurn(rows, await this.idle()), ...all])];
  }

  /** Workers came free, or another run has stopped gathering: the queued runs that may gather now. */
  async next(): Promise<string[]> {
    return whoseTurn(await overview(this.redis), await this.idle());
  }

  private async first(what: 'all' | 'turn', ms: number): Promise<boolean> {
    return (await this.redis.set(keys.looked(what), '1', 'PX', ms, 'NX')) === 'OK';
  }

  private async idle(): Promise<number> {
    const beats = (await this.redis.hvals(keys.workers)).map((json) => workerBeat.safeParse(JSON.parse(json)).data);
    return beats.filter((beat) => beat?.status === 'idle').length;
  }
}

const queued = ({ desired, state }: RunRow): boolean =>
  desired.state === 'running' && (state?.status ?? 'queued') === 'queued';
const rests = ({ desired, state }: RunRow): boolean => desired.state === 'paused' && state?.status === 'paused';

/** Everything that neither waits in the queue nor is paused. */
const busy = (rows: RunRow[]): string[] => rows.filter((row) => !queued(row) && !rests(row)).map(({ runId }) => runId);

/** The next few of the queued, another few every second. */
function someOf(rows: RunRow[], now: number): string[] {
  const all = rows.filter(queued);
  const from = (Math.floor(now / 1000) * othersAtOnce) % Math.max(1, all.length);
  return all.slice(from, from + othersAtOnce).map(({ runId }) => runId);
}

/**
 * Of the queued runs, by priority and then age: the first one (it may take workers from others), and the first one for which there are enough
 * idle workers. Whether they really may gather is for their coordinator to say. Pure.
 */
export function whoseTurn(rows: RunRow[], idle: number): string[] {
  const inTurn = rows
    .filter(queued)
    .sort(
      (a, b) => b.desired.priority - a.desired.priority || a.createdAt - b.createdAt || (a.runId < b.runId ? -1 : 1),
    );
  const first = inTurn.slice(0, 1);
  const fitting = inTurn.find((row) => smallest(row) <= idle);
  return [...new Set([...first, ...(fitting ? [fitting] : [])])].map(({ runId }) => runId);
}

/** A run that nobody has looked at yet may need only one worker. */
function smallest({ desired, state }: RunRow): number {
  const limits = state?.limits ? (JSON.parse(state.limits) as { minWorkers: number } | null) : null;
  return desired.minWorkers ?? limits?.minWorkers ?? 1;
}
