import type { Database } from '../database/database.js';

/** One message of a run's stream. */
export interface StreamRow {
  id: bigint;
  kind: 'metric' | 'event';
  data: Record<string, unknown>;
}

interface Row {
  id: bigint;
  kind: 'metric' | 'event';
  name: string;
  step: number;
  value: number | null;
  time: Date;
  generation: number | null;
  message: string | null;
  data: unknown;
}

/**
 * The points and events of a run behind an id, in the order of their ids. One statement, so one snapshot: read apart,
 * an event could be seen before a point that was committed ahead of it.
 */
export async function readAfter(database: Database, runId: string, after: bigint, limit: number): Promise<StreamRow[]> {
  const rows = await database.$queryRaw<Row[]>`
    (SELECT id, 'metric' AS kind, name, step, value, time, NULL::int AS generation, NULL AS message, NULL::jsonb AS data
       FROM "MetricPoint" WHERE "runId" = ${runId}::uuid AND id > ${after} ORDER BY id LIMIT ${limit})
    UNION ALL
    (SELECT id, 'event', type, step, NULL, time, generation, message, data
       FROM "Event" WHERE "runId" = ${runId}::uuid AND id > ${after} ORDER BY id LIMIT ${limit})
    ORDER BY id LIMIT ${limit}`;
  return rows.map((row) => ({ id: row.id, kind: row.kind, data: row.kind === 'metric' ? point(row) : event(row) }));
}

/** The id of a run's newest point or event: 0 before the first. */
export async function newestId(database: Database, runId: string): Promise<bigint> {
  const [{ id }] = await database.$queryRaw<[{ id: bigint }]>`
    SELECT greatest(
      (SELECT max(id) FROM "MetricPoint" WHERE "runId" = ${runId}::uuid),
      (SELECT max(id) FROM "Event" WHERE "runId" = ${runId}::uuid), 0) AS id`;
  return BigInt(id);
}

const point = ({ name, step, value, time }: Row) => ({ name, step, value, time: time.toISOString() });
const event = ({ id, name, step, time, generation, message, data }: Row) => ({
  id: String(id),
  type: name,
  time: time.toISOString(),
  step,
  generation,
  message,
  data,
});
