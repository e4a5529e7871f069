import { chaosAnswer, fault, page, worker } from '@regatta/contracts';
import { route } from '../http/route.js';

export const listWorkers = route({
  method: 'get',
  path: '/api/v1/workers',
  tag: 'workers',
  summary: 'Workers that were seen within the last hour; lost after three seconds of silence',
  role: 'viewer',
  answers: { 200: { description: 'All of them', schema: page(worker) } },
});

const drainable = { method: 'post', tag: 'workers', role: 'member' } as const;

export const drainWorker = route({
  ...drainable,
  path: '/api/v1/workers/:worker/drain',
  summary: 'Take a worker out of all runs, after the step under way; the others go on. It still predicts',
  answers: { 202: { description: 'It will be drained within a second, or is already', schema: worker } },
  fails: [409],
});

export const resumeWorker = route({
  ...drainable,
  path: '/api/v1/workers/:worker/resume',
  summary: 'Let a drained worker take part in runs again',
  answers: { 202: { description: 'It will be free within a second, or was not drained', schema: worker } },
  fails: [409],
});

export const causeFault = route({
  method: 'post',
  path: '/api/v1/workers/:worker/chaos',
  tag: 'workers',
  summary: 'Do something bad to a worker, to see what comes of it; only where API and worker were started with CHAOS=1',
  role: 'member',
  body: fault,
  answers: { 202: { description: 'The worker has heard it', schema: chaosAnswer } },
  fails: [409],
});
