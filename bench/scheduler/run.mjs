// The real scheduler (agents, coordinators, BullMQ, Redis with its append-only file) with 1,000 runs on 200 workers whose trainers only sleep, and die;
// whole hosts are killed on the way. Beside it an offline greedy packing of the same runs, which no failure disturbs. Before it a small setting whose
// runs are hardly longer than what a failure costs; it has no target.
//   npm run bench:scheduler [-- --runs 1000 --workers 200 --hosts 8 --seconds 36 --mtbf 3600 --alone]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { spread } from './ledger.mjs';
import { measure } from './measure.mjs';

/** `seconds`: mean length of a run; `mtbf`: mean seconds of training between two deaths of a trainer. */
const numbers = { runs: '1000', workers: '200', hosts: '8', seconds: '36', mtbf: '3600' };
const { alone, ...given } = parseArgs({
  options: {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { type: 'string', default: value }])),
    alone: { type: 'boolean', default: false },
  },
}).values;
const setting = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Number(value)]));
const small = { runs: 40, workers: 12, hosts: 3, seconds: 5, mtbf: 300 };
/** Of the greedy packing's utilisation; and no run waits longer than this many times its longest wait. */
const target = { utilisation: 0.95, wait: 1.25 };

if (setting.workers % setting.hosts !== 0) throw new Error('--workers must be a multiple of --hosts');

const rounded = (value) => Number(value.toFixed(3));
const row = (scheduler, completed, { makespan, utilisation, longestWait }) => ({
  scheduler,
  'completed runs': completed,
  'all done after s': rounded(makespan),
  utilisation: rounded(utilisation),
  'longest wait s': rounded(longestWait),
});

/** Prints one setting. Returns its last words, and whether it reached its targets. */
async function report(one) {
  const seen = await measure(one);
  const { greedy, ledger, failures } = seen;
  console.table([row('Regatta', seen.completed, seen), row('greedy, offline', one.runs, greedy)]);
  console.log('Where the worker-seconds went:');
  console.table(seen.account);
  const recovered = ledger.flatMap((run) => run.recovered);
  const times = (by, what) => spread(recovered.filter((it) => it.by === by).map((it) => it[what]));
  console.log(`a gang gathers in ${spread(ledger.flatMap(({ gathered }) => gathered))}`);
  for (const by of ['trainer', 'host']) {
    const how = recovered.filter((it) => it.by === by).length;
    console.log(
      `${how} interruptions by a ${by}'s death: noticed after ${times(by, 'noticed')}, gang whole again after ` +
        `${times(by, 'whole')}, a step committed again after ${times(by, 'resumed')}`,
    );
  }
  console.log(
    `runs of ${one.seconds} s (mean) in steps of about ${Math.min(1, one.seconds / 10)} s; for each hour that a worker trains ` +
      `${failures.trainers.toFixed(1)} trainers die, and ${failures.hosts.toFixed(1)} workers with their hosts; the greedy packing is spared both`,
  );
  console.log(`${seen.spent}`);
  const share = seen.utilisation / greedy.utilisation;
  const wait = seen.longestWait / greedy.longestWait;
  const interruptions = ledger.reduce((sum, run) => sum + run.interruptions, 0);
  return {
    ok: seen.completed === one.runs && share >= target.utilisation && wait <= target.wait,
    words:
      `${seen.completed} of ${one.runs} runs completed on ${one.workers} workers through ${interruptions} interruptions; ` +
      `${(share * 100).toFixed(1)} % of the greedy utilisation (target ${target.utilisation * 100} %), longest wait ` +
      `${wait.toFixed(2)} times the greedy one (target ${target.wait}); load average at the start ${seen.load.toFixed(1)}`,
  };
}

console.log(`${cpus().length} × ${cpus()[0].model}`);
if (!alone) console.log(`small and hard, no target: ${(await report(small)).words}`);
const { ok, words } = await report(setting);
console.log(`${ok ? 'ok' : 'MISSED'}: ${words}`);
process.exitCode = ok ? 0 : 1;
