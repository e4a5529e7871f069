import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gradientTraffic, int8, Membership, type ProcessGroup, VectorFormat } from '@regatta/collective';
import { Redis } from 'ioredis';
import { connectGang, connectRank, member, partsOf, shards, startGang } from '../support/gang.js';
import { bits, type Round, sumByDefinition, toInt8 } from '../support/leaves.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

describe('all-reduce through Redis', () => {
  let controlServer: TestRedis;
  let gradientServers: TestRedis[];
  let control: Redis;
  let gradient: Redis;

  beforeAll(async () => {
    controlServer = await startRedis({ aof: true });
    gradientServers = await Promise.all([startRedis(), startRedis()]);
    control = new Redis(controlServer.url);
    gradient = new Redis(gradientServers[0].url);
  });
  afterAll(async () => {
    control.disconnect();
    gradient.disconnect();
    await Promise.all([controlServer, ...gradientServers].map((server) => server.stop()));
  });

  const open = async (worldSize: number, gradientUrls: string[], chunkFloats: number, format?: VectorFormat) => {
    const runId = randomUUID();
    const generation = await startGang(control, runId, worldSize);
    const options = { control, gradientUrls, runId, generation, worldSize, chunkFloats, format };
    return { runId, groups: await connectGang(options) };
  };
  const reduce = (groups: ProcessGroup[], step: number, seed: number, length: number, rounded = 0, round?: Round) =>
    Promise.all(
      groups.map(async (group) => {
        const result = new Float32Array(length).fill(Number.NaN);
        const stats = await group.allReduce(step, partsOf(seed, group, length, rounded, round), result);
        return { ...stats, bits: bits(result) };
      }),
    );
  const close = (groups: ProcessGroup[]) => Promise.all(groups.map((group) => group.close()));

  it.each([
    // World size, floats, floats of a chunk: fewer chunks than ranks, a last chunk of one float, one chunk alone, vectors past one socket read.
    [1, 7, 3],
    [2, 1001, 100],
    [2, 70_001, 65_536],
    [3, 1001, 100],
    [4, 11, 5],
    [5, 997, 64],
    [8, 123, 7],
    [3, 1, 64],
  ])(
    'gives %i ranks the bits of the whole tree (%i floats in chunks of %i), and counts the bytes of the formula',
    async (worldSize, floats, chunkFloats) => {
      const urls = [gradientServers[0].url, gradientServers[1].socket];
      const { groups } = await open(worldSize, urls, chunkFloats);
      const { ranks } = gradientTraffic({ floats, chunkFloats, shards, worldSize });
      for (const step of [3, 4]) {
        const sums = await reduce(groups, step, step, floats);
        const wanted = bits(sumByDefinition(step, 0, shards, floats));
        expect(sums.map((sum) => sum.bits === wanted)).toEqual(sums.map(() => true));
        expect(sums.map(({ bytesSent, bytesReceived }) => ({ sent: bytesSent, received: bytesReceived }))).toEqual(
          ranks,
        );
      }
      await close(groups);
    },
  );

  it.each([
    // World size, floats, of them rounded, floats of a chunk: all exact but one, a chunk that is both, several ways to cover the tree.
    [1, 21, 16, 5],
    [2, 1001, 1, 100],
    [2, 150_001, 149_985, 65_536],
    [3, 1001, 990, 64],
    [5, 997, 997, 64],
  ])(
    'as bfloat16, gives %i ranks the bits of the whole tree (%i floats, %i of them rounded, in chunks of %i), in the bytes of the formula',
    async (worldSize, floats, rounded, chunkFloats) => {
      const format = new VectorFormat(rounded);
      const { groups } = await open(
        worldSize,
        [gradientServers[0].url, gradientServers[1].socket],
        chunkFloats,
        format,
      );
      const { ranks } = gradientTraffic({ floats, chunkFloats, shards, worldSize, format });
      for (const step of [3, 4]) {
        const sums = await reduce(groups, step, step, floats, rounded);
        const wanted = bits(sumByDefinition(step, 0, shards, floats, rounded));
        expect(sums.map((sum) => sum.bits === wanted)).toEqual(sums.map(() => true));
        const counted = sums.map(({ bytesSent, bytesReceived }) => ({ sent: bytesSent, received: bytesReceived }));
        expect(counted).toEqual(ranks);
      }
      await close(groups);
    },
  );

  it.each([
    [2, 20_001, 19_985, 8192],
    [3, 1001, 990, 64],
    [5, 997, 997, 32],
  ])(
    'as int8, gives %i ranks the bits of the whole tree (%i floats, %i of them rounded, in chunks of %i), in the bytes of the formula',
    async (worldSize, floats, rounded, chunkFloats) => {
      const format = new VectorFormat(rounded, int8(9));
      const { groups } = await open(worldSize, [gradientServers[0].url], chunkFloats, format);
      const { ranks } = gradientTraffic({ floats, chunkFloats, shards, worldSize, format });
      const wanted = bits(sumByDefinition(4, 0, shards, floats, rounded, toInt8(9, 3)));
      const sums = await reduce(groups, 3, 4, floats, rounded, toInt8(9, 3));
      expect(sums.map((sum) => sum.bits === wanted)).toEqual(sums.map(() => true));
      const counted = sums.map(({ bytesSent, bytesReceived }) => ({ sent: bytesSent, received: bytesReceived }));
      expect(counted).toEqual(ranks);
      await close(groups);
    },
  );

  it('refuses chunks that would cut a block of int8', async () => {
    await expect(open(2, [], 100, new VectorFormat(1000, int8(1)))).rejects.toThrow(/100.*multiple of 32/);
  });

  it('leaves the parts as they were, for a step that must be made again', async () => {
    const { groups } = await open(3, [gradientServers[0].url], 10);
    const parts = groups.map((group) => partsOf(1, group, 95));
    const before = parts.flat().map(({ data }) => bits(data));
    await Promise.all(groups.map((group, rank) => group.allReduce(0, parts[rank], new Float32Array(95))));
    expect(parts.flat().map(({ data }) => bits(data))).toEqual(before);
    await close(groups);
  });

  it('moves over the server what the formula says, and little else', async () => {
    const [worldSize, floats, chunkFloats, steps] = [3, 100_000, 16_384, 3];
    const { groups } = await open(worldSize, [gradientServers[0].url], chunkFloats);
    const { server } = gradientTraffic({ floats, chunkFloats, shards, worldSize });
    const counters = async (): Promise<number[]> => {
      const info = await gradient.info('stats');
      return ['input', 'output'].map((way) => Number(new RegExp(`total_net_${way}_bytes:(\\d+)`).exec(info)?.[1]));
    };
    const before = await counters();
    for (let step = 0; step < steps; step += 1) {
      await reduce(groups, step, step, floats);
    }
    const after = await counters();
    const messages = Math.ceil(floats / chunkFloats) * 10 * steps;
    for (const [way, formula] of [server.received * steps, server.sent * steps].entries()) {
      const counted = after[way] - before[way];
      expect(counted).toBeGreaterThanOrEqual(formula);
      expect(counted).toBeLessThan(formula + messages * 700);
    }
    await close(groups);
  });

  it('keeps the sums of a step until the next one is complete; nothing it stores stays for ever', async () => {
    await gradient.flushall();
    const { groups } = await open(2, [gradientServers[0].url], 10);
    await reduce(groups, 5, 1, 35);
    const stored = async (): Promise<string[]> =>
      (await gradient.keys('*')).map((key) => key.replace(/.*:s:/, '')).sort();
    expect(await stored()).toEqual(['5:c:0:sum', '5:c:1:sum', '5:c:2:sum', '5:c:3:sum']);
    await reduce(groups, 6, 2, 35);
    expect(await stored()).toEqual(['6:c:0:sum', '6:c:1:sum', '6:c:2:sum', '6:c:3:sum']);
    const alone = groups[0].allReduce(7, partsOf(3, groups[0], 35), new Float32Array(35));
    const ended = expect(alone).rejects.toThrow('given up');
    await until(async () => (await gradient.keys('*:s:7:*')).length > 0);
    await groups[1].abort('given up');
    await ended;
    for (const key of await gradient.keys('*')) {
      expect([key, (await gradient.ttl(key)) > 0]).toEqual([key, true]);
    }
  });

  it('commits the steps of one rank alone without a gradient server', async () => {
    const { runId, groups } = await open(1, [], 10);
    const [{ bits: sum }] = await reduce(groups, 9, 4, 21);
    expect(sum).toBe(bits(sumByDefinition(4, 0, shards, 21)));
    expect((await new Membership(control).group(runId))?.complete).toEqual({ generation: 1, step: 9 });
    const flat = sumByDefinition(4, 0, shards, 21);
    await groups[0].allReduce(10, [{ subtree: { first: 0, count: shards }, data: flat }], flat);
    expect(bits(flat)).toBe(bits(sumByDefinition(4, 0, shards, 21)));
    await close(groups);
  });

  it('meets, agrees and broadcasts, as often as it likes under one name', async () => {
    const { groups } = await open(3, [gradientServers[0].url], 10);
    for (const text of ['first', 'second', '']) {
      const sent = groups.map((group) => group.broadcast('b', group.rank === 2 ? Buffer.from(text) : null, 2));
      expect((await Promise.all(sent)).map((bytes) => Buffer.from(bytes).toString())).toEqual([text, text, text]);
      await Promise.all(groups.map((group) => group.barrier('same')));
      await Promise.all(groups.map((group) => group.agree('plan', text)));
    }
    const disagreeing = await Promise.allSettled(groups.map((group) => group.agree('plan', `v${group.rank}`)));
    const reason = {
      code: 'disagreement',
      message: 'the ranks disagree about plan: rank 0: v0; rank 1: v1; rank 2: v2',
    };
    expect(disagreeing).toMatchObject([{ reason }, { reason }, { reason }]);
    // Disagreeing is an answer, not an end.
    await Promise.all(groups.map((group) => group.barrier('same')));
    await close(groups);
  });

  it('refuses to join another generation, as another member, or without the server', async () => {
    const runId = randomUUID();
    const gang = { control, gradientUrls: [gradientServers[0].url], runId, worldSize: 2 };
    const generation = await startGang(control, runId, 2);
    await expect(connectRank({ ...gang, generation: 2 }, 0)).rejects.toMatchObject({ code: 'generation-ended' });
    await expect(connectRank({ ...gang, generation, worldSize: 3 }, 0)).rejects.toMatchObject({
      code: 'generation-ended',
    });
    const dead = { ...gang, generation, gradientUrls: ['/nowhere/redis.sock'] };
    await expect(connectRank(dead, 0)).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
    const membership = new Membership(control);
    await membership.open(runId, generation, { minWorkers: 1, maxWorkers: 1, reason: 'smaller' });
    await membership.claim(runId, 2, member(1));
    await membership.start(runId, 2);
    await expect(connectRank({ ...gang, generation: 2, worldSize: 1 }, 0)).rejects.toThrow(/generation 2 has ended/);
  });
});
