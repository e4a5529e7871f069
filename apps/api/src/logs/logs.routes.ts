import { logLine, logQuery, page } from '@regatta/contracts';
import { route } from '../http/route.js';

export const listLogs = route({
  method: 'get',
  path: '/api/v1/runs/:id/logs',
  tag: 'runs',
  summary: 'What the workers logged about a run: its newest 10,000 lines',
  role: 'viewer',
  query: logQuery,
  answers: { 200: { description: 'A page of lines', schema: page(logLine) } },
});
