import { predictBody, predictResult } from '@regatta/contracts';
import { z } from 'zod';
import { route } from '../http/route.js';

export const predict = route({
  method: 'post',
  path: '/api/v1/models/:id/predict',
  tag: 'models',
  summary: 'Fill masks, judge next sentences, or run the raw model',
  role: 'viewer',
  query: z.strictObject({
    checkpoint: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .optional()
      .meta({ description: 'Step of a checkpoint of the same run that is not the last' }),
  }),
  body: predictBody,
  answers: { 200: { description: 'By what was asked', schema: predictResult } },
});
