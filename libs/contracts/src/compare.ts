import { z } from 'zod';
import { id } from './ids.js';
import { runStatus } from './stream.js';

export const fewestCompared = 2;
export const mostCompared = 20;

/** Comma-separated ids, each once; whether they are ids of runs is not the schema's to say. */
export const compareQuery = z.strictObject({
  runIds: z
    .string()
    .max(2000)
    .meta({ description: `Ids of ${fewestCompared} to ${mostCompared} different runs, separated by commas` })
    .refine((text) => {
      const { length } = idsOf(text);
      return length >= fewestCompared && length <= mostCompared;
    }, `must name ${fewestCompared} to ${mostCompared} different runs, separated by commas`)
    .transform(idsOf),
});

function idsOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  return [...new Set(names.filter((name) => name !== ''))];
}

const sideBySide = <T extends z.ZodType>(value: T) => z.object({ name: z.string(), values: z.array(value) });

export const comparison = z.object({
  runs: z
    .array(
      z.object({
        id,
        name: z.string(),
        task: z.string(),
        status: runStatus,
        step: z.number().int(),
        seed: z.number().int().nullable(),
        group: z.number().int().meta({ description: 'Runs of one group differ in nothing but their seed' }),
      }),
    )
    .meta({ description: 'In the order in which they were asked for; all values below stand in it too' }),
  config: z.array(sideBySide(z.unknown())).meta({
    description: 'Fields of the configuration in which the runs differ; null where a run has no such field',
  }),
  metrics: z.array(sideBySide(z.number().nullable())).meta({
    description: 'The last value of every metric; null where a run has none, or it was not finite',
  }),
});
export type Comparison = z.infer<typeof comparison>;
