import { connectRedisGroup } from '@regatta/collective';
import { createEngine, type Engine, type EngineKind } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { formatOf, RankMemory, type StopRequest, taskHandler, train } from '@regatta/training';
import { pino } from 'pino';
import { ChildChannel } from '../child-channel.js';
import { failureOf } from '../child-errors.js';
import {
  type Activity,
  type FromTrainer,
  maxUnacknowledged,
  type PrepareMessage,
  pulseMs,
  type StartMessage,
  type ToTrainer,
  toTrainer,
} from '../ipc.js';
import { endingOf } from './ending.js';
import { EntryQueue } from './entry-queue.js';
import { TrainerFaults } from './faults.js';

/**
 * A rank's life: it prepares its data and graphs, joins a generation's process group, trains in step with the others, and says how that
 * ended. A generation that ends before the run does leaves it the state it holds, and it waits to be started in the next one, at whatever
 * rank. Its agent started it, hears its entries, and tells it to stop.
 */
const agent = new ChildChannel<ToTrainer, FromTrainer>(toTrainer, hear);
const entries = new EntryQueue((seq, entry) => void agent.send({ type: 'entry', seq, entry }), maxUnacknowledged);
const memory = new RankMemory();
const faults = new TrainerFaults();
let generationOver = new AbortController();
let stopping = new AbortController();
let preparing: { microBatchSize: number; done: ReturnType<typeof prepare> } | null = null;
let started = false;
let activity: Activity = 'preparing';

let pulsedAt = 0;
const pulse = () => {
  pulsedAt = performance.now();
  void agent.send({ type: 'pulse', activity }).catch(() => undefined);
};
// comes whenever this thread is not blocked by the engine
setInterval(pulse, pulseMs);
function turnTo(next: Activity): void {
  if (next === activity) return;
  activity = next;
  pulse();
}

function hear(message: ToTrainer): void {
  switch (message.type) {
    case 'prepare':
      // one that was asked to start meanwhile tells the failure itself
      prepared(message).catch((error) => (started ? undefined : tell({ type: 'failed', ...failureOf(error) })));
      break;
    case 'start':
      started = true;
      generationOver = new AbortController();
      stopping = new AbortController();
      void live(message, generationOver.signal).then(tell);
      break;
    case 'stop':
      // between two generations it can save nothing: it keeps its state, and is asked again in the next one
      if (started) stopping.abort({ reason: message.reason, checkpoint: message.checkpoint } satisfies StopRequest);
      break;
    case 'abort':
      generationOver.abort(message.reason);
      break;
    case 'fault':
      faults.happen(message.fault, message.seconds);
      break;
    case 'ack':
      entries.acknowledge(message.seq);
      break;
  }
}

/** Says how a generation ended for this rank. Unless only the generation has ended, that is the process's last word. */
function tell(word: FromTrainer): Promise<void> {
  if (word.type !== 'generation-ended') return agent.end(word);
  started = false;
  turnTo('waiting');
  return agent.send(word);
}

/** From `start` to the end of the generation, whatever happens. */
async function live(start: StartMessage, over: AbortSignal): Promise<FromTrainer> {
  const { runId } = start.spec;
  const log = pino({ level: start.logLevel }).child({ runId, rank: start.rank, generation: start.generation });
  try {
    const outcome = await trainAsRank(start, over);
    await entries.flush();
    log.info(outcome, `rank ${start.rank} ${outcome.kind} at step ${outcome.step}`);
    return outcome.kind === 'finished'
      ? { type: 'finished', step: outcome.step, weightsSha256: outcome.weightsSha256 }
      : { type: 'stopped', step: outcome.step, weightsSha256: outcome.weightsSha256 };
  } catch (error) {
    const ending = endingOf(error, memory.state?.step ?? null);
    if (ending.type === 'failed') log.error(error, 'training failed');
    return ending;
  }
}

async function trainAsRank(start: StartMessage, over: AbortSignal) {
  const { spec, rank, worldSize, generation } = start;
  // until then it goes on to prepare: to read a large corpus takes longer than to join
  const { task, store, engine } = await prepared(start);
  turnTo('joining');
  const group = await connectRedisGroup({
    control: start.redisUrl,
    gradientUrls: start.gradientRedisUrls,
    runId: spec.runId,
    generation,
    rank,
    worldSize,
    shards: spec.config.distributed.logicalShards,
    memberId: start.memberId,
    format: formatOf(spec.config, task.space),
    faults: faults.exchange,
  });
  // what the group waits for will not come: everything that waits in it throws GenerationEnded
  const leave = () => void group.close();
  if (over.aborted) leave();
  over.addEventListener('abort', leave);
  try {
    return await train({
      spec,
      group,
      store,
      task,
      memory,
      resume: start.held ? 'held' : start.resumeStep,
      report: (entry) => entries.push(entry),
      reported: () => entries.flush(),
      onActivity: turnTo,
      onCompute: () => faults.strike(),
      // the timer of the pulse does not run while a step computes
      onMicroBatch: () => performance.now() - pulsedAt > pulseMs && pulse(),
      onStep: (step) => void agent.send({ type: 'progress', step, committed: true }),
      signal: stopping.signal,
      fingerprint: engine.fingerprint(),
      codeVersion: start.codeVersion,
    });
  } finally {
    await group.close();
  }
}

/** What was made ready before, unless a shortage of memory has made the run's micro-batch smaller since: then anew, with the state that is held. */
async function prepared(message: PrepareMessage | StartMessage): ReturnType<typeof prepare> {
  const { microBatchSize } = message.spec.config.training;
  if (preparing?.microBatchSize !== microBatchSize) {
    const before = preparing?.done;
    turnTo('preparing');
    preparing = { microBatchSize, done: before ? prepareAnew(message, before) : prepare(message) };
  }
  return preparing.done;
}

async function prepareAnew(message: PrepareMessage | StartMessage, before: ReturnType<typeof prepare>) {
  const { task } = await before;
  // its graphs take the most memory
  await task.dispose();
  const anew = await prepare(message);
  for (const region of ['w', 'm', 'v'] as const) anew.task.space[region].set(task.space[region]);
  return anew;
}

/** Data, tokenizer, parameter space and graphs: all that needs no rank. */
async function prepare(message: PrepareMessage | StartMessage) {
  const began = performance.now();
  const engine = createEngine(message.engine as EngineKind, { threads: message.threads });
  tellCompilation(engine);
  const store = faults.cramp(openStore(message.artifactsUrl));
  const task = await taskHandler(message.spec.config.task).prepare({ spec: message.spec, store, engine });
  if (!started) turnTo('waiting');
  await agent.send({ type: 'prepared', ms: performance.now() - began });
  return { task, store, engine };
}

/** Some tasks compile a shape only when the first batch of it comes: that is no part of a step's usual time. */
function tellCompilation(engine: Engine): void {
  const told =
    <Options, Compiled>(compile: (options: Options) => Promise<Compiled>) =>
    async (options: Options): Promise<Compiled> => {
      const before = activity;
      turnTo('compiling');
      try {
        return await compile.call(engine, options);
      } finally {
        turnTo(before);
      }
    };
  engine.compile = told(engine.compile);
  engine.compileForward = told(engine.compileForward);
}
