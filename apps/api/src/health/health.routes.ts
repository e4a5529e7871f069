import { z } from 'zod';
import { route } from '../http/route.js';

const status = z.object({ status: z.literal('ok') });
const base = { method: 'get', tag: 'health', role: 'open' } as const;
export const live = route({
  ...base,
  path: '/health/live',
  summary: 'Whether the process answers at all',
  answers: { 200: { description: 'It does', schema: status } },
});
export const ready = route({
  ...base,
  path: '/health/ready',
  summary: 'Whether the database and Redis answer too',
  answers: { 200: { description: 'They do', schema: status } },
  fails: [503],
});
