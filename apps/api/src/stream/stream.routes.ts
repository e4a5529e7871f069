import { z } from 'zod';
import { route } from '../http/route.js';

export const streamRun = route({
  method: 'get',
  path: '/api/v1/runs/:id/stream',
  tag: 'runs',
  summary: 'All that happens to a run, as server-sent events: metric, event, status, end',
  role: 'viewer',
  query: z.strictObject({
    lastEventId: z
      .string()
      .regex(/^(\d{1,18}|newest)$/)
      .optional()
      .meta({
        description:
          'Where to go on from, for clients that cannot send the header Last-Event-ID; `newest`: only what comes from now on',
      }),
  }),
  answers: {
    200: {
      description:
        '`id` is the place to resume from (Last-Event-ID), without a gap or a repeat. `status` carries the run.',
      schema: z.string(),
      contentType: 'text/event-stream',
    },
  },
});
