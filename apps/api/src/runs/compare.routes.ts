import { compareQuery, comparison } from '@regatta/contracts';
import { route } from '../http/route.js';

export const compareRuns = route({
  method: 'get',
  path: '/api/v1/compare',
  tag: 'runs',
  summary: 'Runs side by side: differences in configuration, last metrics, and which differ in nothing but their seed',
  role: 'viewer',
  query: compareQuery,
  answers: { 200: { description: 'The comparison', schema: comparison } },
  fails: [404],
});
