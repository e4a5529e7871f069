// One rank that trains as a worker's trainer does (the task's handler, the group over Redis, `train`), with a clock on each part of its steps.
// Started by train-ranks.mjs with its setting as JSON; when the steps are done it says {steps: [{phase: ms, …}, …], peakMiB} and goes on, so that
// no other rank misses it, until it is killed.
import { connectRedisGroup } from '@regatta/collective';
import { createEngine } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { formatOf, RankMemory, taskHandler, train } from '@regatta/training';

const { options, spec, folder, steps } = JSON.parse(process.argv[2]);
let now = {};
const spent = (phase, since) => {
  now[phase] = (now[phase] ?? 0) + performance.now() - since;
};
/** Puts a clock on a method, synchronous or not. */
function clock(object, name, phase) {
  const method = object[name].bind(object);
  object[name] = (...args) => {
    const since = performance.now();
    const result = method(...args);
    if (result instanceof Promise) return result.finally(() => spent(phase, since));
    spent(phase, since);
    return result;
  };
}

const engine = createEngine('compiled', { threads: 1 });
const compile = engine.compile.bind(engine);
engine.compile = async (what) => {
  const program = await compile(what);
  clock(program, 'run', 'program');
  return program;
};
const store = openStore(folder);
const task = await taskHandler(spec.config.task).prepare({ spec, store, engine });
clock(task.space, 'drawMask', 'masks');
clock(task.space, 'copy', 'sum of shards');
clock(task.space, 'add', 'sum of shards');
clock(task.space, 'adamw', 'optimizer');
const epoch = task.epoch;
task.epoch = (number) => {
  const plan = epoch(number);
  const step = plan.step.bind(plan);
  plan.step = (...args) => {
    const work = step(...args);
    clock(work, 'run', 'work');
    return work;
  };
  return plan;
};
const group = await connectRedisGroup({ ...options, format: formatOf(spec.config, task.space) });
const allReduce = group.allReduce.bind(group);
group.allReduce = async (...args) => {
  const since = performance.now();
  const stats = await allReduce(...args);
  now.waiting = stats.waitMs;
  now.exchange = performance.now() - since - stats.waitMs;
  return stats;
};

const done = [];
let since = performance.now();
await train({
  spec,
  group,
  store,
  task,
  memory: new RankMemory(),
  resume: null,
  report: async () => undefined,
  reported: async () => undefined,
  onStep(step) {
    const { program, work, ...rest } = now;
    const { masks = 0 } = rest;
    const whole = performance.now() - since;
    done.push({ whole, batch: work - program, masks, 'forward and backward': program - masks, ...rest });
    [now, since] = [{}, performance.now()];
    if (step !== steps) return;
    console.log(JSON.stringify({ steps: done, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) }));
  },
  fingerprint: 'bench',
  codeVersion: 'bench',
});
