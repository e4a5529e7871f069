import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GenerationEnded, Membership, type ProcessGroup, VectorFormat } from '@regatta/collective';
import { keys } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { connectRank, partsOf, shards, startGang } from '../support/gang.js';
import { bits, sumByDefinition } from '../support/leaves.js';
import { type RedisProxy, startProxy } from '../support/proxy.mjs';
import { startRedis, type TestRedis } from '../support/redis.js';
import { settled, until } from '../support/until.js';

const floats = 95;

describe('a gang when something goes wrong', () => {
  let controlServer: TestRedis;
  let gradientServer: TestRedis;
  let control: Redis;
  let gradient: Redis;
  let membership: Membership;
  /** Between the member under test and its servers. */
  let controlProxy: RedisProxy;
  let gradientProxy: RedisProxy;
  let shaky: Redis;
  let groups: ProcessGroup[] = [];

  beforeAll(async () => {
    [controlServer, gradientServer] = await Promise.all([startRedis({ aof: true }), startRedis()]);
    [controlProxy, gradientProxy] = await Promise.all(
      [controlServer, gradientServer].map(({ url }) => startProxy(url)),
    );
    control = new Redis(controlServer.url);
    gradient = new Redis(gradientServer.url);
    shaky = new Redis(controlProxy.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    shaky.on('error', () => undefined);
    membership = new Membership(control);
  });
  afterEach(async () => {
    controlProxy.release();
    gradientProxy.release();
    await Promise.all(groups.map((group) => group.close()));
    groups = [];
  });
  afterAll(async () => {
    for (const redis of [control, gradient, shaky]) {
      redis.disconnect();
    }
    await Promise.all([controlProxy.close(), gradientProxy.close()]);
    await Promise.all([controlServer.stop(), gradientServer.stop()]);
  });

  /** Two ranks of a new run; the second one's ways to the servers lead through the proxies. */
  const pair = async (format?: VectorFormat): Promise<{ runId: string; steady: ProcessGroup; weak: ProcessGroup }> => {
    const runId = randomUUID();
    const generation = await startGang(control, runId, 2);
    const gang = { runId, generation, worldSize: 2, chunkFloats: 10, format };
    const steady = await connectRank({ ...gang, control, gradientUrls: [gradientServer.url] }, 0);
    const weak = await connectRank({ ...gang, control: shaky, gradientUrls: [gradientProxy.url] }, 1);
    groups.push(steady, weak);
    return { runId, steady, weak };
  };
  const reduce = (group: ProcessGroup, step: number, result = new Float32Array(floats)) =>
    group.allReduce(step, partsOf(step, group, floats), result);
  const wanted = (step: number): string => bits(sumByDefinition(step, 0, shards, floats));

  it('holds a step back until the last owner has marked it, though its numbers are all there', async () => {
    const { runId, steady, weak } = await pair();
    controlProxy.hold();
    const [first, second] = [new Float32Array(floats), new Float32Array(floats)];
    const reductions = [reduce(steady, 1, first), reduce(weak, 1, second)];
    await until(async () => (await control.hget(`${keys.generations(runId)}1:marks`, '0')) === '1');
    await until(() => bits(first) === wanted(1) && bits(second) === wanted(1));
    expect(await Promise.all(reductions.map(settled))).toEqual([false, false]);
    expect((await membership.group(runId))?.complete).toBeNull();
    controlProxy.release();
    await Promise.all(reductions);
    expect((await membership.group(runId))?.complete).toEqual({ generation: 1, step: 1 });
  });

  it.each([0, 79])(
    'reads the sums of a committed step again where it had not heard of the commit (%i floats as bfloat16)',
    async (rounded) => {
      const { runId, steady, weak } = await pair(new VectorFormat(rounded));
      const sum = bits(sumByDefinition(1, 0, shards, floats, rounded));
      controlProxy.hold();
      const results = [new Float32Array(floats), new Float32Array(floats)];
      const [first, second] = [steady, weak].map((group, rank) =>
        group.allReduce(1, partsOf(1, group, floats, rounded), results[rank]),
      );
      await until(() => results.every((result) => bits(result) === sum));
      // its mark came through, the announcement did not; what it had read counts for nothing
      await membership.mark(runId, 1, { step: 1, rank: 1 });
      await first;
      results[1].fill(Number.NaN);
      const closed = weak.close();
      controlProxy.release();
      await Promise.all([second, closed]);
      expect(bits(results[1])).toBe(sum);
    },
  );

  it('wakes a rank that is blocked, when another one aborts', async () => {
    const { steady, weak } = await pair();
    const blocked = reduce(steady, 1);
    const ended = expect(blocked).rejects.toMatchObject({
      name: 'GenerationEnded',
      reason: 'told to stop',
      retryable: true,
    });
    await weak.abort('told to stop');
    await ended;
    await expect(steady.barrier('later')).rejects.toThrow(GenerationEnded);
    await expect(weak.barrier('later')).rejects.toThrow(/told to stop/);
  });

  it('wakes a rank that is blocked at a meeting, when the generation is raised', async () => {
    const { runId, steady } = await pair();
    const ended = expect(steady.barrier('epoch')).rejects.toMatchObject({ reason: 'a worker was lost' });
    await membership.open(runId, 1, { minWorkers: 1, maxWorkers: 2, reason: 'a worker was lost' });
    await ended;
  });

  it('keeps a zombie of an older generation from touching the new one', async () => {
    const { runId, steady, weak } = await pair();
    const ended = expect(reduce(steady, 1)).rejects.toThrow(GenerationEnded);
    // The zombie hears nothing of the control server, but its way to the gradients is open: it sends its parts of step 1.
    controlProxy.hold();
    const zombie = weak.allReduce(1, partsOf(99, weak, floats), new Float32Array(floats));
    const refused = expect(zombie).rejects.toMatchObject({ name: 'GenerationEnded', generation: 1 });
    await until(async () => (await gradient.keys(`${keys.generations(runId)}1:s:1:*`)).length > 0);
    await startGang(control, runId, 2, 1);
    await ended;
    const gang = { runId, generation: 2, worldSize: 2, chunkFloats: 10, control, gradientUrls: [gradientServer.url] };
    const next = [await connectRank(gang, 0), await connectRank(gang, 1)];
    groups.push(...next);
    const results = next.map(() => new Float32Array(floats));
    await Promise.all(next.map((group, rank) => reduce(group, 1, results[rank])));
    expect(results.map(bits)).toEqual([wanted(1), wanted(1)]);
    controlProxy.release();
    await refused;
    expect((await membership.group(runId))?.complete).toEqual({ generation: 2, step: 1 });
  });

  it('ends the generation for all when one loses a gradient server, each with its own reason', async () => {
    const { runId, steady, weak } = await pair();
    const other = expect(reduce(steady, 1)).rejects.toMatchObject({
      reason: expect.stringMatching(/^rank 1: lost the connection/),
    });
    gradientProxy.hold();
    const own = expect(reduce(weak, 1)).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
    gradientProxy.cut();
    await Promise.all([own, other]);
    expect((await membership.group(runId))?.phase).toBe('closed');
  });

  it('notices a lost gradient server between the steps', async () => {
    const { steady, weak } = await pair();
    const told = expect(steady.barrier('end')).rejects.toThrow(/rank 1: lost the connection/);
    gradientProxy.cut();
    await told;
    await expect(weak.barrier('end')).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('fetches a message with a wrong header once more, then gives the step up', async () => {
    const { runId, steady } = await pair();
    await gradient.config('RESETSTAT');
    const wrong = keys.gradientPart(runId, 1, 1, 0, 4, 4);
    await gradient.set(wrong, Buffer.alloc(40 + 4 * 10, 7));
    await gradient.rpush(keys.gradientInbox(runId, 1, 1, 0), 'p:0:4:4');
    await expect(reduce(steady, 1)).rejects.toThrow(/c:0:t:4\+4 is missing or is not what its key says/);
    expect(/cmdstat_get:calls=(\d+)/.exec(await gradient.info('commandstats'))?.[1]).toBe('2');
    expect((await membership.group(runId))?.reason).toMatch(/^rank 0: the message at/);
  });

  it('gives a step up when one bit of its contents was changed on the way', async () => {
    const { steady, weak } = await pair();
    gradientProxy.corrupt('RGT2', 40 + 3);
    const [first, second] = await Promise.allSettled([reduce(steady, 1), reduce(weak, 1)]);
    expect(first).toMatchObject({
      reason: { retryable: true, message: expect.stringMatching(/is not what its key says/) },
    });
    expect(second).toMatchObject({ reason: { reason: expect.stringMatching(/^rank 0: the message at/) } });
  });

  it('completes a step though the control server forgot who had marked it', async () => {
    const { runId, steady, weak } = await pair();
    controlProxy.hold();
    const results = [new Float32Array(floats), new Float32Array(floats)];
    const reductions = [reduce(steady, 1, results[0]), reduce(weak, 1, results[1])];
    const marks = `${keys.generations(runId)}1:marks`;
    await until(async () => (await control.hlen(marks)) === 1);
    await control.del(marks);
    controlProxy.release();
    await Promise.all(reductions);
    expect(results.map(bits)).toEqual([wanted(1), wanted(1)]);
  });

  it('refuses what the gradient server has no memory for, instead of waiting for it', async () => {
    const { steady, weak } = await pair();
    await gradient.config('SET', 'maxmemory', '1');
    const outcomes = await Promise.allSettled([reduce(steady, 1), reduce(weak, 1)]);
    await gradient.config('SET', 'maxmemory', '0');
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(outcomes.map((outcome) => String((outcome as PromiseRejectedResult).reason)).join()).toMatch(/OOM/);
  });

  it('goes on after an announcement was lost with its connection', async () => {
    const { runId, steady, weak } = await pair();
    const deaf = weak.barrier('epoch');
    await until(async () => (await control.hlen(`${keys.generations(runId)}1:meetings`)) === 1);
    // Behind the answer that somebody is missing.
    await shaky.ping();
    controlProxy.hold();
    await steady.barrier('epoch');
    // The announcement is on the held connection, where it is lost, or, if the rank was not listening at that moment, here.
    await control.del(keys.notices(runId, 1, 1));
    expect(await settled(deaf)).toBe(false);
    controlProxy.cut();
    await deaf;
  });
});
