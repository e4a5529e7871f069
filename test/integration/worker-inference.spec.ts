import os from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bullPrefix, jobNames, newId, queueNames } from '@regatta/contracts';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { Cluster } from '../support/cluster.js';

describe('predictions', () => {
  let cluster: Cluster;
  let queue: Queue;
  let events: QueueEvents;
  let listening: Redis;
  beforeAll(async () => {
    cluster = await Cluster.start();
    queue = new Queue(queueNames.inference, { connection: cluster.redis, prefix: bullPrefix });
    listening = cluster.redis.duplicate();
    events = new QueueEvents(queueNames.inference, { connection: listening, prefix: bullPrefix });
    await events.waitUntilReady();
    await cluster.addAgent();
  });
  afterAll(async () => {
    await events.close();
    listening.disconnect();
    await queue.close();
    await cluster.stop();
  });

  const send = async (asked: object, name: string = jobNames.inference) => {
    const job = await queue.add(name, { modelId: newId(), owner: newId(), step: 1, ...asked });
    return job.waitUntilFinished(events, 120_000);
  };
  const ask = (text: string, name?: string) =>
    send({ action: 'predict', body: { pairs: [{ text, textPair: 'b' }] } }, name);
  const reasonOf = async (text: string) => JSON.parse(await ask(text).then(String, (error: Error) => error.message));

  it('are the return values of their jobs', async () => {
    expect(await ask('a')).toEqual({ results: [{ isNext: 0.5 }] });
  });

  it('keep the code of an error, and which field was wrong', async () => {
    const errors = [{ path: 'pairs.0', message: 'no' }];
    expect(await reasonOf('refuse')).toEqual({ code: 'invalid', message: 'no', retryable: false, errors });
  });

  it('are unavailable when the predictor dies over them, and work again afterwards', async () => {
    expect(await reasonOf('die')).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await ask('a')).toEqual({ results: [{ isNext: 0.5 }] });
  });

  it('do not wait for evaluations and exports, which have a process of their own that gives way to all others', async () => {
    const dataset = { sha256: 'a', kind: 'text' };
    const predictor = await ask('who');
    const evaluator = await send({ action: 'evaluate', dataset, split: 'all' });
    expect(await send({ action: 'onnx' })).toEqual(evaluator);
    expect(await send({ action: 'embed', body: { inputs: ['a'] } })).toEqual(predictor);
    expect(evaluator.pid).not.toBe(predictor.pid);
    const own = os.getPriority();
    expect([predictor.nice, evaluator.nice]).toEqual([own, Math.min(19, own + 10)]);
  });

  it('are refused under a name that nobody handles', async () => {
    await expect(ask('a', 'divine')).rejects.toThrow('no handler for jobs named divine');
  });
});
