import { z } from 'zod';
import { id, name, time } from './ids.js';

const description = z.string().max(10_000);

export const projectBody = z.strictObject({ name, description: description.default('') });
export const projectPatch = z
  .strictObject({ name: name.optional(), description: description.optional() })
  .refine((patch) => Object.keys(patch).length > 0, 'give at least one of name, description');
export const project = z.object({
  id,
  name: z.string(),
  description: z.string(),
  runs: z.number().int(),
  createdAt: time,
});
