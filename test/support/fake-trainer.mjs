// A trainer that does everything a rank does but learn: it exchanges 16 floats a step. What it is to do wrong stands in the hash fake:RUN.
import { createHash } from 'node:crypto';
import { connectRedisGroup, GenerationEnded, shardSlices, subtrees } from '@regatta/collective';
import { Redis } from 'ioredis';
import { TrainerFaults } from '../../apps/worker/dist/trainer/faults.js';

const say = (message) => process.send(message);
const end = (message) => process.send(message, () => process.exit(0));
process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);
process.on('SIGINT', () => {});

let activity = 'waiting';
const turnTo = (next) => {
  activity = next;
  say({ type: 'pulse', activity });
};
setInterval(() => turnTo(activity), 500).unref();

const faults = new TrainerFaults();
let stop = null;
let started = false;
let group = null;
/** The state that is kept from one generation to the next: a step and its weights. */
let held = null;
const recent = [];
let acked = 0;
let sent = 0;
let wake = () => {};

process.on('message', (message) => {
  if (message.type === 'prepare' && message.engine === 'broken')
    end({ type: 'failed', code: 'engine', message: 'no such device', retryable: true });
  else if (message.type === 'prepare') say({ type: 'prepared', ms: 0 });
  if (message.type === 'start') {
    started = true;
    stop = null;
    train(message).then(end, fail);
  }
  if (message.type === 'stop' && started) stop = message;
  if (message.type === 'abort') group?.close();
  if (message.type === 'fault') faults.happen(message.fault, message.seconds);
  if (message.type === 'ack') {
    acked = message.seq;
    wake();
  }
});

function fail(error) {
  group = null;
  started = false;
  turnTo('waiting');
  if (error instanceof GenerationEnded || error.code === 'connection-lost')
    say({
      type: 'generation-ended',
      reason: error.reason ?? error.message,
      step: held?.step ?? null,
      noRoom: error.noRoom,
    });
  else
    end({ type: 'failed', code: error.code ?? 'internal', message: error.message, retryable: error.retryable ?? true });
}

function report(entry) {
  sent += 1;
  say({ type: 'entry', seq: sent, entry });
}

async function acknowledged() {
  while (acked < sent) await new Promise((resolve) => (wake = resolve));
}

async function train(start) {
  const { spec, generation, rank, worldSize, memberId, redisUrl, gradientRedisUrls } = start;
  const { runId } = spec;
  turnTo('joining');
  const control = new Redis(redisUrl);
  const fake = await control.hgetall(`fake:${runId}`);
  await control.rpush(
    `fake:${runId}:starts`,
    JSON.stringify({ rank, worldSize, generation, pid: process.pid, resumeStep: start.resumeStep }),
  );
  if (fake.failAtStart)
    throw Object.assign(new Error(fake.failAtStart), { retryable: fake.retryable === '1', code: 'engine' });
  if (fake.exitAtStart) process.exit(Number(fake.exitAtStart));

  const shards = spec.config.distributed.logicalShards;
  group = await connectRedisGroup({
    control: redisUrl,
    gradientUrls: gradientRedisUrls,
    runId,
    generation,
    rank,
    worldSize,
    shards,
    memberId,
    faults: faults.exchange,
  });
  const own = subtrees(shardSlices(shards, worldSize)[rank], shards);
  const weights = new Float32Array(16);
  const load = async (step) => weights.set(JSON.parse(await control.hget(`fake:${runId}:checkpoints`, String(step))));

  const meta = (step) => ({ runId, generation, time: new Date().toISOString(), step });
  const save = async (step) => {
    await acknowledged();
    await control.hset(`fake:${runId}:checkpoints`, String(step), JSON.stringify([...weights]));
    report({
      type: 'checkpoint',
      ...meta(step),
      sha256: `c${step}`,
      weightsSha256: sha(weights),
      bytes: 64,
      metrics: {},
      removed: false,
    });
  };

  const { writeCheckpoint: saveIfRoom } = faults.cramp({ writeCheckpoint: save });

  // as libs/training does it: the newest state that a rank holds counts, rank 0 has it and hands it over
  const steps = spec.config.training.maxSteps;
  const states = (await group.gather('state', String(held?.step ?? -1))).map(Number);
  const newest = Math.max(...states);
  if (newest < 0 && start.held) throw Object.assign(new Error('nobody holds the state'), { retryable: true });
  if (newest >= 0 && rank === 0) {
    weights.set(held.weights);
    for (const entry of recent) report(entry);
    if (states.some((step) => step < newest)) {
      await saveIfRoom(newest).catch(() => {
        throw Object.assign(new GenerationEnded(generation, 'there is no room'), { noRoom: true });
      });
    }
  }
  await group.barrier('handover');
  if (newest < 0 && start.resumeStep !== null) await load(start.resumeStep);
  if (newest >= 0 && rank !== 0) {
    if (held?.step === newest) weights.set(held.weights);
    else await load(newest);
  }
  const from = newest >= 0 ? newest : (start.resumeStep ?? 0);
  held = { step: from, weights };
  for (let step = from + 1; step <= steps; step++) {
    turnTo('computing');
    faults.strike();
    await new Promise((resolve) => setTimeout(resolve, Number(fake.stepMs ?? 10)));
    if (stop) {
      const saved = rank === 0 && stop.checkpoint;
      if (saved) await save(step - 1);
      await acknowledged();
      await group.abort(stop.reason);
      return { type: 'stopped', step: step - 1, weightsSha256: saved ? sha(weights) : null };
    }
    const parts = own.map((subtree) => ({ subtree, data: gradient(step, subtree) }));
    const sum = new Float32Array(16);
    turnTo('exchanging');
    await group.allReduce(step, parts, sum);
    for (let i = 0; i < 16; i++) weights[i] += sum[i];
    held = { step, weights };
    say({ type: 'progress', step, committed: true });
    const entry = { type: 'metrics', ...meta(step), epoch: 0, maxSteps: steps, values: { 'train.loss': weights[0] } };
    recent.push(entry);
    if (rank === 0) report(entry);
    // without room the checkpoint before it stands
    if (rank === 0 && step % spec.config.training.checkpointEvery === 0)
      await saveIfRoom(step).catch((error) => {
        if (error.code !== 'disk-full') throw error;
      });
  }
  await group.barrier('finished');
  if (rank === 0) await save(steps);
  await acknowledged();
  return { type: 'finished', step: steps, weightsSha256: sha(weights) };
}

/** Sums of the shards of a subtree in the order of the tree; every shard's share is a function of step and shard. */
function gradient(step, { first, count }) {
  if (count === 1) return Float32Array.from({ length: 16 }, (_, i) => Math.sin(step * 31 + first * 7 + i));
  const left = gradient(step, { first, count: count / 2 });
  const right = gradient(step, { first: first + count / 2, count: count / 2 });
  return left.map((value, i) => value + right[i]);
}

const sha = (weights) => createHash('sha256').update(weights).digest('hex');
