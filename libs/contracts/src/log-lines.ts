import { z } from 'zod';
import { listQuery } from './api.js';
import { time } from './ids.js';
import { logLevel } from './logs.js';

/** The lines of a run's log, as they are asked for and answered. */
export const logQuery = listQuery.extend({
  text: z.string().min(1).max(200).optional().meta({ description: 'Lines that contain this, in whatever case' }),
  level: logLevel.optional().meta({ description: 'Lines of this level and graver ones' }),
  rank: z.coerce.number().int().min(0).max(1_000_000).optional(),
  sort: z
    .enum(['time', '-time'])
    .default('time')
    .meta({ description: 'time: oldest first; -time: newest first. The id of any line is a cursor, too' }),
});
export const logLine = z.object({
  id: z.string(),
  time,
  level: logLevel,
  rank: z.number().int().nullable().meta({ description: 'null: said by no rank, but of the run as a whole' }),
  source: z
    .enum(['agent', 'trainer'])
    .meta({ description: 'agent: the worker itself; trainer: its child that computes' }),
  worker: z.string(),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;
