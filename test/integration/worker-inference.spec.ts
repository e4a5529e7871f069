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
  }, 30_000);
  afterAll(async () => {
    await events.close();
    listening.disconnect();
    await queue.close();
    await cluster.stop();
  });

  const ask = async (text: string, name: string = jobNames.inference) => {
    const body = { pairs: [{ text, textPair: 'b' }] };
    const job = await queue.add(name, { action: 'predict', modelId: newId(), owner: newId(), step: 1, body });
    return job.waitUntilFinished(events, 20_000);
  };
  const reasonOf = async (text: string) => JSON.parse(await ask(text).then(String, (error: Error) => error.message));

  it('are the return values of their jobs', async () => {
    expect(await ask('a')).toEqual({ results: [{ isNext: 0.5 }] });
  }, 30_000);

  it('keep the code of an error, and which field was wrong', async () => {
    const errors = [{ path: 'pairs.0', message: 'no' }];
    expect(await reasonOf('refuse')).toEqual({ code: 'invalid', message: 'no', retryable: false, errors });
  }, 30_000);

  it('are unavailable when the predictor dies over them, and work again afterwards', async () => {
    expect(await reasonOf('die')).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await ask('a')).toEqual({ results: [{ isNext: 0.5 }] });
  }, 30_000);

  it('are refused under a name that nobody handles', async () => {
    await expect(ask('a', 'divine')).rejects.toThrow('no handler for jobs named divine');
  }, 30_000);
});
