// The recovery scorecard: the same bert-debug run (dropout on) through the whole system (API, queue, agents, trainers, Redis), undisturbed
// and once for each fault. Losses of every step and the weights must be the undisturbed run's, bit for bit.
//   npm run bench:faults [-- --steps 150 --only "SIGKILL trainer"]
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { faultsOf } from './faults.mjs';
import { startServers } from './servers.mjs';
import { startSystem, until } from './system.mjs';

const { values: args } = parseArgs({
  options: { steps: { type: 'string', default: '150' }, only: { type: 'string' } },
});
const steps = Number(args.steps);
const workers = 3;
/** The step at which things happen. */
const struck = Math.floor(steps / 4);
const [load] = loadavg();

const servers = await startServers();
const env = { REDIS_URL: servers.control.url, GRADIENT_REDIS_URL: servers.gradients.url, LOG_LEVEL: 'info' };
const system = await startSystem({ workers, env }).catch(async (error) => {
  await servers.stop();
  throw error;
});

/** One run to its end, with what its ledger says of the disturbance. */
async function measure(name, { happen, body = {} } = {}) {
  await system.idleWorkers(workers);
  const { id } = await system.submit({
    name,
    task: 'bert-pretrain',
    dataset: 'toy-grammar',
    model: { preset: 'bert-debug' },
    tokenizer: { vocabSize: 200 },
    training: { maxSteps: steps, globalBatchSize: 96, maxLength: 64, evaluateEvery: 50, checkpointEvery: 50 },
    distributed: { minWorkers: 1, maxWorkers: workers },
    ...body,
  });
  if (happen) {
    await until(async () => (await system.get(id)).progress.step >= struck);
    await happen(id);
  }
  const { goodput } = await system.finished(id);
  const ledger = await system.events(id);
  const of = (type) => ledger.filter((event) => event.type === type).map(({ data }) => data);
  return {
    numbers: await system.numbers(id),
    detected: of('worker-lost')[0]?.detectedAfterSeconds,
    resumed: of('resumed')[0]?.resumedAfterSeconds,
    repeated: of('resumed').reduce((sum, data) => sum + data.stepsRepeated, 0),
    goodput,
    alarms: of('determinism-alarm').length,
    /** The ledger says that the numbers are others, and the run came to its end. */
    announced: of('numbers-changed').length > 0 && of('completed').length > 0,
  };
}

const inSeconds = (value) => (value === undefined ? '' : value.toFixed(1));
try {
  const undisturbed = await measure('undisturbed');
  console.error(`undisturbed: ${undisturbed.numbers.slice(0, 80)}`);
  const rows = [];
  for (const [name, fault] of Object.entries(faultsOf(system, servers))) {
    if (args.only && args.only !== name) continue;
    const found = await measure(name, fault).catch((error) => ({ numbers: error.message, repeated: '' }));
    const changes = fault.numbers === 'change' && found.announced;
    const row = {
      fault: name,
      'detected after s': inSeconds(found.detected),
      'training again after s': inSeconds(found.resumed),
      'steps repeated': found.repeated,
      goodput: found.goodput?.toFixed(2),
      'bit-equal': found.numbers === undisturbed.numbers && found.alarms === 0 ? 'yes' : changes ? 'announced' : 'NO',
    };
    if (row['bit-equal'] === 'NO') console.error(`${name}: ${found.numbers.slice(0, 300)}`);
    rows.push(row);
    console.error(Object.values(row).join(' | '));
  }
  console.log(
    `bert-debug, ${steps} steps, ${workers} workers, fault at step ${struck}; load average at the start: ${load.toFixed(1)}`,
  );
  console.table(rows);
  const having = (what) => rows.filter((row) => row['bit-equal'] === what).length;
  console.log(
    `${having('yes')} of ${rows.length} runs through faults have the undisturbed run's losses and weights, bit for bit; ` +
      `${having('announced')} were to have others, and say so; ${having('NO')} are wrong`,
  );
  process.exitCode = rows.length > 0 && having('NO') === 0 ? 0 : 1;
} finally {
  await system.stop();
  await servers.stop();
}
