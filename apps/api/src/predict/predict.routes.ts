import { embedBody, embedResult, evaluateBody, evaluateResult, predictBody, predictResult } from '@regatta/contracts';
import { z } from 'zod';
import { route } from '../http/route.js';

const tag = 'models';
const path = '/api/v1/models/:id';
const query = z.strictObject({
  checkpoint: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .meta({ description: 'Step of a checkpoint of the same run that is not the last' }),
});

export const predict = route({
  method: 'post',
  path: `${path}/predict`,
  tag,
  summary: 'Ask the model what it was trained for, or run it raw; what it takes depends on its kind',
  role: 'viewer',
  query,
  body: predictBody,
  bodyByKind: true,
  answers: { 200: { description: 'By what was asked', schema: predictResult } },
  fails: [409],
});

export const embed = route({
  method: 'post',
  path: `${path}/embed`,
  tag,
  summary: 'Contextual vectors of the tokens of texts',
  role: 'viewer',
  query,
  body: embedBody,
  answers: { 200: { description: 'Vectors of the last layer, and one of the whole text', schema: embedResult } },
  fails: [409],
});

export const evaluate = route({
  method: 'post',
  path: `${path}/evaluate`,
  tag,
  summary: 'Measure the model on a dataset; takes up to some minutes',
  role: 'member',
  query,
  body: evaluateBody,
  answers: { 200: { description: 'Metrics, example predictions and tables', schema: evaluateResult } },
  fails: [409],
});
