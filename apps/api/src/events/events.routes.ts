import { listQuery, page, runEvent } from '@regatta/contracts';
import { route } from '../http/route.js';

export const listEvents = route({
  method: 'get',
  path: '/api/v1/runs/:id/events',
  tag: 'runs',
  summary: 'The ledger of a run, oldest first',
  role: 'viewer',
  query: listQuery,
  answers: { 200: { description: 'A page of events', schema: page(runEvent) } },
});
