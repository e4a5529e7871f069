import { page, worker } from '@regatta/contracts';
import { route } from '../http/route.js';

export const listWorkers = route({
  method: 'get',
  path: '/api/v1/workers',
  tag: 'workers',
  summary: 'Workers that were seen within the last hour; lost after three seconds of silence',
  role: 'viewer',
  answers: { 200: { description: 'All of them', schema: page(worker) } },
});
