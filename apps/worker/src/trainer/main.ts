import { connectRedisGroup, GenerationEnded } from '@regatta/collective';
import { createEngine, type EngineKind } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { type StopRequest, taskHandler, train } from '@regatta/training';
import { pino } from 'pino';
import { ChildChannel } from '../child-channel.js';
import { failureOf } from '../child-errors.js';
import {
  type FromTrainer,
  maxUnacknowledged,
  type PrepareMessage,
  type StartMessage,
  type ToTrainer,
  toTrainer,
} from '../ipc.js';
import { EntryQueue } from './entry-queue.js';

/**
 * A rank's life: it prepares its data and graphs, joins its generation's process group, trains in step with the others, and says how it
 * ended. One process lives one such life. Its agent started it, hears its entries, and tells it to stop.
 */
const agent = new ChildChannel<ToTrainer, FromTrainer>(toTrainer, hear);
const entries = new EntryQueue((seq, entry) => void agent.send({ type: 'entry', seq, entry }), maxUnacknowledged);
const stopping = new AbortController();
const generationOver = new AbortController();
let preparing: ReturnType<typeof prepare> | null = null;
let started = false;

function hear(message: ToTrainer): void {
  switch (message.type) {
    case 'prepare':
      preparing ??= prepare(message);
      // a failure is told when the rank is asked to start
      preparing.catch(() => {});
      break;
    case 'start':
      started = true;
      void live(message).then((lastWord) => agent.end(lastWord));
      break;
    case 'stop':
      stopping.abort({ reason: message.reason, checkpoint: message.checkpoint } satisfies StopRequest);
      if (!started) void agent.end({ type: 'stopped', step: 0, weightsSha256: null });
      break;
    case 'abort':
      generationOver.abort(message.reason);
      if (!started) void agent.end({ type: 'generation-ended', reason: message.reason });
      break;
    case 'ack':
      entries.acknowledge(message.seq);
      break;
  }
}

/** From `start` to the last word, whatever happens. */
async function live(start: StartMessage): Promise<FromTrainer> {
  const { runId } = start.spec;
  const log = pino({ level: start.logLevel }).child({ runId, rank: start.rank, generation: start.generation });
  try {
    const outcome = await trainAsRank(start);
    await entries.flush();
    log.info(outcome, `rank ${start.rank} ${outcome.kind} at step ${outcome.step}`);
    return outcome.kind === 'finished'
      ? { type: 'finished', step: outcome.step, weightsSha256: outcome.weightsSha256 }
      : { type: 'stopped', step: outcome.step, weightsSha256: outcome.weightsSha256 };
  } catch (error) {
    if (error instanceof GenerationEnded) return { type: 'generation-ended', reason: error.reason };
    log.error(error, 'training failed');
    return { type: 'failed', ...failureOf(error) };
  }
}

async function trainAsRank(start: StartMessage) {
  const { spec, rank, worldSize, generation } = start;
  preparing ??= prepare(start);
  const { task, store, engine } = await preparing;
  const group = await connectRedisGroup({
    control: start.redisUrl,
    gradientUrls: start.gradientRedisUrls,
    runId: spec.runId,
    generation,
    rank,
    worldSize,
    shards: spec.config.distributed.logicalShards,
    memberId: start.memberId,
  });
  // what the group waits for will not come: everything that waits in it throws GenerationEnded
  const leave = () => void group.close();
  if (generationOver.signal.aborted) leave();
  generationOver.signal.addEventListener('abort', leave);
  try {
    return await train({
      spec,
      group,
      store,
      task,
      resume: start.resumeStep,
      report: (entry) => entries.push(entry),
      reported: () => entries.flush(),
      onStep: (step) => void agent.send({ type: 'progress', step, committed: true }),
      signal: stopping.signal,
      fingerprint: engine.fingerprint(),
      codeVersion: start.codeVersion,
    });
  } finally {
    await group.close();
  }
}

/** Data, tokenizer, parameter space and graphs: all that needs no rank. */
async function prepare(message: PrepareMessage | StartMessage) {
  const began = performance.now();
  const engine = createEngine(message.engine as EngineKind, { threads: message.threads });
  const store = openStore(message.artifactsUrl);
  const task = await taskHandler(message.spec.config.task).prepare({ spec: message.spec, store, engine });
  await agent.send({ type: 'prepared', ms: performance.now() - began });
  return { task, store, engine };
}
