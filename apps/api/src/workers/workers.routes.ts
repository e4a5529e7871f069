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
