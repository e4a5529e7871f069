import { z } from 'zod';
import { id, time } from './ids.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export const logLevel = z.enum(logLevels);
export type LogLevel = z.infer<typeof logLevel>;

/** Newest lines of a run that are kept. */
export const keptLogLines = 10_000;
/** Characters of a line; what is longer is cut. */
export const longestLogLine = 2000;

/** Lines of one program about one run. `seq` (of the first; the others follow) makes them idempotent within (run, writer). */
export const logsEntry = z.strictObject({
  type: z.literal('logs'),
  runId: id,
  writer: z.string().min(1).max(200),
  seq: z.number().int().min(1),
  lines: z
    .array(
      z.strictObject({
        time,
        level: logLevel,
        rank: z.number().int().min(0).nullable(),
        source: z.enum(['agent', 'trainer']),
        text: z.string().max(longestLogLine),
      }),
    )
    .min(1)
    .max(500),
});
export type LogsEntry = z.output<typeof logsEntry>;
