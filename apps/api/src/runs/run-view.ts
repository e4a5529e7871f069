import {
  type BaseModel,
  type DatasetKind,
  finishedStatuses,
  isFinished,
  type Run,
  type RunConfig,
  type RunSpec,
  type RunStatus,
} from '@regatta/contracts';
import type { Prisma } from '../database/database.js';
import { ownerOf } from '../models/model-view.js';

/** What an answer needs beside the row. */
export const runInclude = {
  project: { select: { name: true } },
  dataset: { select: { id: true, name: true, version: true, sha256: true, kind: true } },
  base: { select: { id: true, name: true, step: true, weightsSha256: true, runId: true, promoted: true } },
  models: { where: { promoted: false }, select: { id: true }, take: 1 },
} as const;
export type RunRow = Prisma.RunGetPayload<{ include: typeof runInclude }>;

export const unfinished = { notIn: [...finishedStatuses] };

export const statusOf = (row: { status: string }): RunStatus => row.status as RunStatus;

/** A run as the interface shows it. */
export function runView(row: RunRow): Run {
  const config = row.config as unknown as RunConfig;
  const maxSteps = row.maxSteps ?? config.training.maxSteps ?? null;
  const running = row.status === 'running';
  const left = maxSteps === null || row.secondsPerStep === null ? null : (maxSteps - row.step) * row.secondsPerStep;
  return {
    id: row.id,
    name: row.name,
    project: row.project.name,
    tags: row.tags,
    notes: row.notes,
    task: row.task,
    status: statusOf(row),
    desired: row.desired as Run['desired'],
    priority: row.priority,
    progress: { step: row.step, maxSteps, epoch: row.epoch, etaSeconds: running ? left : null },
    workers: isFinished(statusOf(row)) ? [] : (row.workers as Run['workers']),
    generation: row.generation,
    restarts: row.restarts,
    goodput: row.goodput,
    metrics: row.metrics as Run['metrics'],
    config: row.config as Run['config'],
    dataset: row.dataset && datasetOf(row.dataset),
    base: row.base && { id: row.base.id, name: row.base.name },
    forkedFrom:
      row.forkedFromStep === null
        ? null
        : { run: row.forkedFromId, name: row.forkedFromName ?? '', step: row.forkedFromStep },
    model: row.models.at(0)?.id ?? null,
    weightsSha256: row.weightsSha256,
    fingerprint: row.fingerprint,
    error: row.error as Run['error'],
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** What the workers are told of a run. */
export function runSpec(row: RunRow): RunSpec {
  return {
    runId: row.id,
    config: row.config as unknown as RunConfig,
    dataset: row.dataset && { ...datasetOf(row.dataset), kind: row.dataset.kind as DatasetKind },
    base: row.base && baseOf(row.base),
    createdAt: row.createdAt.toISOString(),
  };
}

const datasetOf = ({ id, name, version, sha256 }: NonNullable<RunRow['dataset']>) => ({ id, name, version, sha256 });

function baseOf(base: NonNullable<RunRow['base']>): BaseModel {
  const { id, name, step, weightsSha256 } = base;
  return { modelId: id, name, owner: ownerOf(base), step, weightsSha256 };
}
