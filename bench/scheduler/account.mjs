// Where the worker-seconds went: every half second each worker is counted under what it does.
import { keys } from '@regatta/contracts';
import { aliveAt, readBeats } from '../../apps/worker/dist/agent/observer.js';
import { reserves } from '../../apps/worker/dist/agent/pool.js';

const everyMs = 500;
const kinds = {
  trains: 'in a gang that trains',
  gathers: 'in a gang that gathers',
  recovers: 'in a gang that meets again after a failure',
  leaves: 'done with a run, not free yet',
  wasted: 'free, while a run waits that it would do for',
  kept: 'free, kept for a run that has waited for long',
  none: 'free, and no run that waits is small enough',
  away: 'not there: its host was killed',
};

export class Account {
  #seconds = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, 0]));
  #timer;
  #last = performance.now();
  #counting = false;

  constructor(redis, workers) {
    this.redis = redis;
    this.workers = workers;
    this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #look() {
    if (this.#counting) return;
    this.#counting = true;
    const elapsed = (performance.now() - this.#last) / 1000;
    this.#last = performance.now();
    const [seconds, micros] = await this.redis.time();
    const now = Number(seconds) * 1000 + Number(micros) / 1000;
    const alive = aliveAt(await readBeats(this.redis), now);
    const held = alive.filter(({ runId }) => runId !== null);
    const runIds = [...new Set(held.map(({ runId }) => runId))];
    const statuses = await Promise.all(runIds.map((id) => this.redis.hget(keys.state(id), 'status')));
    const of = { running: 'trains', gathering: 'gathers', recovering: 'recovers' };
    const doing = new Map(runIds.map((id, i) => [id, of[statuses[i]] ?? 'leaves']));
    for (const { runId } of held) this.#seconds[doing.get(runId)] += elapsed;
    const free = alive.length - held.length;
    this.#seconds[await this.#why(free, now)] += free * elapsed;
    this.#seconds.away += Math.max(0, this.workers - alive.length) * elapsed;
    this.#counting = false;
  }

  async #why(free, now) {
    const sizes = (await this.redis.smembers(`${keys.index}sizes`)).map(Number);
    if (free === 0 || !sizes.some((size) => size <= free)) return 'none';
    for (const size of sizes.filter((one) => one > free)) {
      const [first] = await this.redis.zrange(`${keys.index}queued:${size}`, 0, 0);
      const since = first && (await this.redis.hget(keys.state(first), 'since'));
      if (since && reserves(now - Number(since))) return 'kept';
    }
    return 'wasted';
  }

  /** Rows of a table. `work`: worker-seconds of the runs themselves; `total`: all that there were. */
  rows(work, total) {
    const counted = Object.values(this.#seconds).reduce((a, b) => a + b, 0);
    const share = (seconds) => `${((100 * seconds) / counted).toFixed(1)} %`;
    const rows = { 'work of the runs': `${((100 * work) / total).toFixed(1)} %` };
    const { trains, ...rest } = this.#seconds;
    rows['steps lost to failures, waits within steps'] = `${(100 * (trains / counted - work / total)).toFixed(1)} %`;
    for (const [kind, seconds] of Object.entries(rest)) rows[kinds[kind]] = share(seconds);
    return rows;
  }
}
