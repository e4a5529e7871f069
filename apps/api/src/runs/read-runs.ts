import { Prisma } from '../database/database.js';
import type { Transaction } from './ledger.js';
import type { RunRow } from './run-view.js';

type Reader = Pick<Transaction, '$queryRaw'>;

/**
 * Runs with all that their answer needs, in one statement: relation by relation it would be five, and each costs the embedded database
 * about as much as fifty rows do. `which`: what follows FROM "Run" r (WHERE, ORDER BY, LIMIT); `order`: that order once more.
 */
export function readRuns(database: Reader, which: Prisma.Sql, order: Prisma.Sql = Prisma.empty): Promise<RunRow[]> {
  return database.$queryRaw<RunRow[]>`
    SELECT r.*, json_build_object('name', p.name) AS project,
      CASE WHEN d.id IS NOT NULL THEN json_build_object(
        'id', d.id, 'name', d.name, 'version', d.version, 'sha256', d.sha256, 'kind', d.kind) END AS dataset,
      CASE WHEN b.id IS NOT NULL THEN json_build_object('id', b.id, 'name', b.name, 'step', b.step,
        'weightsSha256', b."weightsSha256", 'runId', b."runId", 'promoted', b.promoted) END AS base,
      (SELECT coalesce(json_agg(json_build_object('id', m.id)), '[]'::json) FROM (
        SELECT id FROM "Model" WHERE "runId" = r.id AND NOT promoted LIMIT 1) m) AS models
    FROM (SELECT r.* FROM "Run" r ${which}) r
    JOIN "Project" p ON p.id = r."projectId"
    LEFT JOIN "Dataset" d ON d.id = r."datasetId"
    LEFT JOIN "Model" b ON b.id = r."baseId" ${order}`;
}

/** One run as `readRuns` reads it; null where there is none. */
export async function readRun(database: Reader, id: string): Promise<RunRow | null> {
  const rows = await readRuns(database, Prisma.sql`WHERE r.id = ${id}::uuid`);
  return rows.at(0) ?? null;
}
