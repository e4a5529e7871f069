import type { model } from '@regatta/contracts';
import type { z } from 'zod';
import type { Prisma } from '../database/database.js';

export type ModelView = z.output<typeof model>;

/** What an answer needs beside the row. */
export const modelInclude = { dataset: true, base: { select: { id: true, name: true } } } as const;
export type ModelRow = Prisma.ModelGetPayload<{ include: typeof modelInclude }>;

interface Origin {
  id: string;
  runId: string | null;
  promoted: boolean;
}

/** Under which id the artifact store has its weights: its run's, or its own where it was imported or promoted. */
export const ownerOf = ({ id, runId, promoted }: Origin): string => (promoted ? id : (runId ?? id));

/** A model as the interface shows it. */
export function modelView(row: ModelRow): ModelView {
  const { dataset, base } = row;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    stage: row.stage as ModelView['stage'],
    task: row.task,
    kind: row.kind as ModelView['kind'],
    runId: row.runId,
    dataset: dataset && { id: dataset.id, name: dataset.name, version: dataset.version },
    base,
    step: row.step,
    weightsSha256: row.weightsSha256,
    parameters: Number(row.parameters),
    config: row.config as ModelView['config'],
    metrics: row.metrics as ModelView['metrics'],
    createdAt: row.createdAt.toISOString(),
  };
}
