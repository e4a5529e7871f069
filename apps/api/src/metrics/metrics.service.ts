import { Injectable } from '@nestjs/common';
import { AppError, type metricSeries, type metricsQuery } from '@regatta/contracts';
import type { z } from 'zod';
import { Database } from '../database/database.js';

interface Row {
  name: string;
  step: number;
  value: number | null;
  time: Date;
}

@Injectable()
export class MetricsService {
  constructor(private readonly database: Database) {}

  /**
   * The points of a run by name, in the order of their steps. A series with more than `maxPoints` is cut into
   * maxPoints / 2 buckets of equally many points, of which the least and the greatest stay: spikes are never lost.
   */
  async read(runId: string, query: z.output<typeof metricsQuery>): Promise<z.output<typeof metricSeries>> {
    if (!(await this.database.run.count({ where: { id: runId } })))
      throw new AppError('not-found', `There is no run ${runId}`);
    const { exact, prefixes } = namesOf(query.names);
    const buckets = Math.max(1, Math.floor(query.maxPoints / 2));
    const rows = await this.database.$queryRaw<Row[]>`
      WITH points AS (
        SELECT name, step, value, time, count(*) OVER series AS n, row_number() OVER (PARTITION BY name ORDER BY step) - 1 AS i
        FROM "MetricPoint"
        WHERE "runId" = ${runId}::uuid AND step BETWEEN ${query.from ?? 0}::int AND ${query.to ?? 2 ** 31 - 1}::int
          AND (name = ANY(${exact}::text[]) OR name LIKE ANY(${prefixes}::text[]))
        WINDOW series AS (PARTITION BY name)
      ), bucketed AS (
        SELECT *, CASE WHEN n <= ${query.maxPoints}::int THEN i ELSE i * ${buckets}::int / n END AS bucket FROM points
      ), ranked AS (
        SELECT *, n <= ${query.maxPoints}::int AS raw,
          row_number() OVER (PARTITION BY name, bucket ORDER BY value NULLS LAST, step) AS least,
          row_number() OVER (PARTITION BY name, bucket ORDER BY value DESC NULLS LAST, step DESC) AS greatest
        FROM bucketed
      )
      SELECT name, step, value, time FROM ranked
      WHERE raw OR least = 1 OR (greatest = 1 AND ${query.maxPoints}::int > 1)
      ORDER BY name, step`;
    return { series: seriesOf(rows, exact) };
  }
}

/** `a,b.*` as exact names and LIKE patterns; nothing given means all. */
function namesOf(names: string | undefined): { exact: string[]; prefixes: string[] } {
  const list = (names ?? '*')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&');
  return {
    exact: list.filter((name) => !name.endsWith('*')),
    prefixes: list.filter((name) => name.endsWith('*')).map((name) => `${literal(name.slice(0, -1))}%`),
  };
}

/** A name that was asked for and has no point yet is an empty series. */
function seriesOf(rows: Row[], asked: string[]) {
  const byName = new Map<string, Row[]>(asked.map((name) => [name, []]));
  for (const row of rows) {
    const series = byName.get(row.name);
    if (series) series.push(row);
    else byName.set(row.name, [row]);
  }
  return [...byName].map(([name, points]) => ({
    name,
    points: points.map(({ step, value, time }) => ({ step, value, time: time.toISOString() })),
  }));
}
