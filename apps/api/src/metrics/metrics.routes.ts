import { metricSeries, metricsQuery } from '@regatta/contracts';
import { route } from '../http/route.js';

export const getMetrics = route({
  method: 'get',
  path: '/api/v1/runs/:id/metrics',
  tag: 'runs',
  summary: 'Points of metrics; many are thinned to the least and greatest of each bucket',
  role: 'viewer',
  query: metricsQuery,
  answers: { 200: { description: 'A series for each name', schema: metricSeries } },
});
