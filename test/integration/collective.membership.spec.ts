import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beat, GenerationEnded, lookAt, Membership, report } from '@regatta/collective';
import { keys } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { member, startGang } from '../support/gang.js';
import { startRedis, type TestRedis } from '../support/redis.js';

describe('Membership', () => {
  let server: TestRedis;
  let redis: Redis;
  let membership: Membership;
  const newRun = (): string => randomUUID();
  const gang = { minWorkers: 2, maxWorkers: 3, reason: 'a test' };

  beforeAll(async () => {
    server = await startRedis({ aof: true });
    redis = new Redis(server.url);
    membership = new Membership(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('gathers members in order, starts, and tells every member its rank', async () => {
    const run = newRun();
    expect(await membership.group(run)).toBeNull();
    expect(await membership.open(run, 0, gang)).toEqual({ accepted: true, generation: 1, complete: null });
    expect(await membership.claim(run, 1, member(5))).toEqual({ accepted: true, position: 0 });
    const waiting = membership.waitForStart(run, 1, 'member-5');
    expect(await membership.start(run, 1)).toMatchObject({ accepted: false, reason: 'too-few' });
    expect(await membership.claim(run, 1, member(2, { pid: 7 }))).toEqual({ accepted: true, position: 1 });
    const members = [member(5), member(2, { pid: 7 })];
    expect(await membership.start(run, 1)).toEqual({ accepted: true, members });
    expect(await membership.start(run, 1)).toEqual({ accepted: true, members });
    expect(await waiting).toEqual({ rank: 0, worldSize: 2, members });
    expect(await membership.waitForStart(run, 1, 'member-2')).toEqual({ rank: 1, worldSize: 2, members });
    expect(await membership.group(run)).toEqual({
      generation: 1,
      phase: 'started',
      reason: 'a test',
      members,
      complete: null,
    });
  });

  it('reads the beats of all workers for a run that could take one, and of its members for a whole gang', async () => {
    const run = newRun();
    const limits = JSON.stringify({ minWorkers: 2, maxWorkers: 2 });
    const status = (name: string) => redis.hset(keys.state(run), { status: name, limits });
    const heard = async () => (await lookAt(redis, run)).beats.map((json) => JSON.parse(json).id).sort();
    await Promise.all([0, 1, 2].map((i) => beat(redis, { id: `worker-${i}` })));
    expect(await heard()).toEqual([]);
    await status('queued');
    expect(await heard()).toEqual(['worker-0', 'worker-1', 'worker-2']);
    await membership.open(run, 0, { ...gang, maxWorkers: 2 });
    await Promise.all([0, 1].map((i) => membership.claim(run, 1, member(i))));
    await status('gathering');
    expect(await heard()).toHaveLength(3);
    await membership.start(run, 1);
    await status('running');
    expect(await heard()).toEqual(['worker-0', 'worker-1']);
    // it may be larger from now on
    await redis.hset(keys.state(run), 'limits', JSON.stringify({ minWorkers: 2, maxWorkers: 3 }));
    expect(await heard()).toHaveLength(3);
    await status('paused');
    expect(await heard()).toEqual([]);
    await redis.del(keys.workers);
  });

  it('puts its own time to beats and reports, tells a worker that it is to drain, and keeps the first word of a member of a run that is there', async () => {
    const run = newRun();
    expect(await beat(redis, { id: 'worker-0' })).toEqual({ now: expect.any(Number), drained: false });
    await redis.sadd(keys.drained, 'worker-0');
    const { now, drained } = await beat(redis, { id: 'worker-0' });
    expect(drained).toBe(true);
    await membership.open(run, 0, gang);
    const said = { runId: run, generation: 1, memberId: 'member-0' };
    await report(redis, said, { outcome: 'exited' }, 60);
    expect((await lookAt(redis, run)).reports).toEqual({});
    await redis.set(keys.spec(run), '{}', 'EX', 60);
    await report(redis, said, { outcome: 'finished' }, 60);
    await report(redis, said, { outcome: 'exited' }, 60);
    const look = await lookAt(redis, run);
    const { outcome, at } = JSON.parse(look.reports['member-0']);
    expect(outcome).toBe('finished');
    expect(at).toBeGreaterThanOrEqual(now);
    expect(look.now).toBeGreaterThanOrEqual(at);
    expect(JSON.parse((await redis.hget(keys.workers, 'worker-0')) as string)).toEqual({ id: 'worker-0', beat: now });
    await redis.del(keys.workers, keys.drained);
  });

  it('refuses a claim that comes twice, of a busy worker, of another fingerprint, too many, too late or too old', async () => {
    const run = newRun();
    expect(await membership.claim(run, 1, member(0))).toMatchObject({ accepted: false, reason: 'generation-ended' });
    await membership.open(run, 0, { ...gang, maxWorkers: 2 });
    await membership.claim(run, 1, member(0));
    const refusals = [
      [member(0, { workerId: 'another' }), 'duplicate-member'],
      [member(9, { workerId: 'worker-0' }), 'duplicate-worker'],
      [member(1, { fingerprint: 'avx512' }), 'fingerprint'],
    ] as const;
    for (const [candidate, reason] of refusals) {
      expect(await membership.claim(run, 1, candidate)).toMatchObject({ accepted: false, reason });
    }
    await membership.claim(run, 1, member(1));
    expect(await membership.claim(run, 1, member(2))).toMatchObject({ accepted: false, reason: 'full' });
    await membership.start(run, 1);
    expect(await membership.claim(run, 1, member(2))).toMatchObject({ accepted: false, reason: 'closed' });
    await membership.open(run, 1, gang);
    expect(await membership.claim(run, 1, member(2))).toMatchObject({ reason: 'generation-ended', generation: 2 });
    expect((await membership.group(run))?.members).toEqual([]);
  });

  it('takes exactly as many of many simultaneous claims as there are places', async () => {
    const run = newRun();
    await membership.open(run, 0, gang);
    const others = await Promise.all(Array.from({ length: 4 }, () => new Redis(server.url)));
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, i) => new Membership(others[i % 4]).claim(run, 1, member(i))),
    );
    expect(replies.flatMap((reply) => (reply.accepted ? [reply.position] : [])).sort()).toEqual([0, 1, 2]);
    expect(replies.filter((reply) => !reply.accepted && reply.reason === 'full')).toHaveLength(9);
    for (const other of others) {
      other.disconnect();
    }
  });

  it('raises the generation for exactly one of several that expect the same', async () => {
    const run = newRun();
    const replies = await Promise.all(Array.from({ length: 5 }, () => membership.open(run, 0, gang)));
    expect(replies.filter((reply) => reply.accepted)).toHaveLength(1);
    expect(replies.filter((reply) => !reply.accepted)[0]).toMatchObject({ reason: 'generation-ended', generation: 1 });
  });

  it('announces a step only when every rank has marked it, and agrees on the newest complete one when it is raised', async () => {
    const run = newRun();
    await startGang(redis, run, 3);
    const mark = (generation: number, step: number, rank: number) => membership.mark(run, generation, { step, rank });
    const notices = (rank: number) => redis.lrange(keys.notices(run, 1, rank), 0, -1);
    expect(await mark(1, 7, 0)).toEqual({ accepted: true, complete: false });
    expect(await mark(1, 7, 0)).toEqual({ accepted: true, complete: false });
    expect(await mark(1, 7, 2)).toEqual({ accepted: true, complete: false });
    expect((await membership.group(run))?.complete).toBeNull();
    expect(await notices(0)).toEqual([]);
    expect(await mark(1, 7, 1)).toEqual({ accepted: true, complete: true });
    expect(await mark(1, 7, 0)).toEqual({ accepted: true, complete: true });
    expect(await Promise.all([0, 1, 2].map(notices))).toEqual([['commit:7'], [], ['commit:7']]);

    // Step 8 stays incomplete: the raise drops its marks, and they do not count for step 8 of the next generation.
    await mark(1, 8, 0);
    await mark(1, 8, 1);
    const complete = { generation: 1, step: 7 };
    expect(await membership.open(run, 1, { ...gang, reason: 'rank 2 was lost' })).toMatchObject({ complete });
    expect(await mark(1, 8, 2)).toMatchObject({ accepted: false, reason: 'generation-ended', generation: 2 });
    await Promise.all([0, 1].map((rank) => membership.claim(run, 2, member(rank))));
    expect(await mark(2, 8, 0)).toMatchObject({ accepted: false, reason: 'closed' });
    await membership.start(run, 2);
    // From an older checkpoint: a step below the newest complete one of the generation before is not complete in this one.
    expect(await mark(2, 5, 0)).toEqual({ accepted: true, complete: false });
    expect(await mark(2, 5, 1)).toEqual({ accepted: true, complete: true });
    expect((await membership.group(run))?.complete).toEqual({ generation: 2, step: 5 });
  });

  it('tells every member of the old generation why it ended, and wakes those that wait for the start', async () => {
    const run = newRun();
    await membership.open(run, 0, gang);
    await membership.claim(run, 1, member(0));
    const waiting = membership.waitForStart(run, 1, 'member-0');
    await membership.open(run, 1, { ...gang, reason: 'the coordinator gathers anew' });
    await expect(waiting).rejects.toThrow(GenerationEnded);
    await expect(waiting).rejects.toMatchObject({ generation: 1, reason: 'the coordinator gathers anew' });
    const list = keys.abort(run, 1, 'member-0');
    expect(await redis.lrange(list, 0, -1)).toEqual(['the coordinator gathers anew']);
    expect(await redis.ttl(list)).toBeGreaterThan(0);
  });

  it('stops waiting for the start at its signal, and refuses to wait for who is no member', async () => {
    const run = newRun();
    await membership.open(run, 0, gang);
    await membership.claim(run, 1, member(0));
    const stop = new AbortController();
    const waiting = membership.waitForStart(run, 1, 'member-0', { signal: stop.signal });
    stop.abort(new Error('the worker stops'));
    await expect(waiting).rejects.toThrow('the worker stops');
    await expect(membership.waitForStart(run, 1, 'stranger')).rejects.toThrow(/not part of it/);
  });

  it('frees the place of a member that leaves before the start, and closes the generation when one leaves after it', async () => {
    const run = newRun();
    await membership.open(run, 0, { ...gang, maxWorkers: 2 });
    await membership.claim(run, 1, member(0));
    await membership.claim(run, 1, member(1));
    expect(await membership.leave(run, 1, 'member-0', 'shut down')).toEqual({ accepted: true, phase: 'open' });
    expect(await membership.claim(run, 1, member(2))).toEqual({ accepted: true, position: 1 });
    await membership.start(run, 1);
    expect(await membership.leave(run, 1, 'member-9', '')).toMatchObject({ reason: 'unknown-member' });
    expect(await membership.leave(run, 1, 'member-2', 'SIGTERM')).toEqual({ accepted: true, phase: 'closed' });
    expect(await redis.lrange(keys.abort(run, 1, 'member-1'), 0, -1)).toEqual(['SIGTERM']);
    expect(await membership.mark(run, 1, { step: 1, rank: 0 })).toMatchObject({ reason: 'closed', detail: 'SIGTERM' });
    expect(await membership.abort(run, 1, 'a second reason')).toMatchObject({ reason: 'closed', detail: 'SIGTERM' });
  });

  it('leaves nothing behind of a run that is dropped, and of an older generation only what expires', async () => {
    const run = newRun();
    await startGang(redis, run, 2);
    await membership.mark(run, 1, { step: 1, rank: 0 });
    await membership.mark(run, 1, { step: 1, rank: 1 });
    await membership.mark(run, 1, { step: 2, rank: 1 });
    await membership.meet(run, 1, { name: 'm', count: 0, rank: 0, value: 'v' });
    expect((await redis.keys(`*${run}:*`)).length).toBeGreaterThan(4);
    await startGang(redis, run, 2, 1);
    for (const key of await redis.keys(`*${run}:g:1:*`)) {
      expect([key, await redis.ttl(key)]).toEqual([expect.stringContaining(':abort:'), expect.any(Number)]);
      expect(await redis.ttl(key)).toBeGreaterThan(0);
    }
    await membership.abort(run, 2, 'over');
    await membership.drop(run);
    expect(await redis.keys(`*${run}:g:2:*`)).toEqual([]);
    expect(await membership.group(run)).toBeNull();
  });
});
