import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@regatta/contracts';
import request from 'supertest';
import { TestApi } from '../support/api.js';

describe('what is there for those who operate it', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
  });
  afterAll(() => api.stop());

  const read = (headers: Record<string, string> = {}) => request(api.url).get('/metrics').set(headers);

  it('/metrics tells this machine of queues, runs, workers, requests and the process', async () => {
    const run = await api.run();
    await api.beat('w-1');
    const workers = [0, 1].map((rank) => ({ rank, workerId: `w-${rank}`, host: 'here' }));
    // rank 2 has left
    const metrics = { 'rank.0.exchangedBytes': 1000, 'rank.1.exchangedBytes': 24, 'rank.2.exchangedBytes': 5 };
    const data = { secondsPerStep: 0.25, goodput: 0.9, step: 7, workers, metrics };
    await api.rows.run.update({ where: { id: run }, data });
    const answer = await read();
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    for (const line of [
      /^regatta_queue_jobs\{queue="runs",state="waiting"\} [1-9]/m,
      /^regatta_stream_entries 0$/m,
      /^regatta_worker_heartbeat_age_seconds\{worker="w-1",status="idle"\} 0$/m,
      new RegExp(`^regatta_run_step_seconds\\{run="${run}"\\} 0.25$`, 'm'),
      new RegExp(`^regatta_run_goodput_ratio\\{run="${run}"\\} 0.9$`, 'm'),
      new RegExp(`^regatta_run_exchanged_bytes\\{run="${run}"\\} 1024$`, 'm'),
      /^regatta_http_request_seconds_count\{method="POST",route="\/api\/v1\/runs",status="201"\} 1$/m,
      /^process_resident_memory_bytes \d+/m,
    ])
      expect(answer.text).toMatch(line);
  });

  it('/metrics asks for a key where a proxy speaks for somebody else', async () => {
    const proxied = { 'x-forwarded-for': '203.0.113.7' };
    expect(await read(proxied)).toMatchObject({ status: 401, type: 'application/problem+json' });
    expect((await read({ ...proxied, authorization: `Bearer ${api.roles.viewer}` })).status).toBe(200);
  });

  it('shows the queues to admins alone, and lets nobody change them', async () => {
    const html = { accept: 'text/html' };
    const look = (path: string, headers: Record<string, string>) =>
      request(api.url).get(`/queues${path}`).set(headers).redirects(0);
    const as = (role: Role) => ({ authorization: `Bearer ${api.roles[role]}` });
    expect((await look('', {})).status).toBe(401);
    expect((await look('', as('member'))).status).toBe(403);
    expect((await look('/api/queues', as('viewer'))).status).toBe(403);
    expect(await look('', html)).toMatchObject({ status: 303, headers: { location: '/sign-in' } });
    const page = await look('', { ...html, ...as('admin') });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/https:/);
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    const { body } = await look('/api/queues', as('admin'));
    const queues = body.queues as { name: string; readOnlyMode: boolean }[];
    expect(queues.map(({ name }) => name).sort()).toEqual(['inference', 'ranks', 'runs']);
    const write = request(api.url).put('/queues/api/queues/runs/clean/failed').set(as('admin'));
    expect((await write).status).toBe(405);
  });
});
