import { z } from 'zod';
import { role } from './api.js';
import { id, name, time } from './ids.js';

export const signInBody = z.strictObject({ apiKey: z.string().min(1).max(200) });
export const signInLink = z.object({
  url: z
    .string()
    .nullable()
    .meta({ description: 'null where the answer is repeated for an Idempotency-Key: it is shown once' }),
  expiresAt: time,
});

export const apiKeyBody = z.strictObject({
  name,
  role,
  expiresAt: time
    .refine((value) => Date.parse(value) > Date.now(), 'must be in the future')
    .optional()
    .meta({ description: 'ISO 8601, UTC; default: never' }),
});
export const apiKey = z.object({
  id,
  name: z.string(),
  role,
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
});
export const createdApiKey = apiKey.extend({
  key: z
    .string()
    .nullable()
    .meta({ description: 'null where the answer is repeated for an Idempotency-Key: it is shown once' }),
});
