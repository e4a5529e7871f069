import { type MetricsEntry, metric } from '@regatta/contracts';
import type { LedgerLine, Transaction } from '../runs/ledger.js';

export interface Point {
  runId: string;
  name: string;
  step: number;
  value: number | null;
  time: string;
  generation: number;
}

/** The points of a batch, each (run, name, step) once, and the train losses that two entries told differently. */
export function pointsOf(entries: MetricsEntry[]): { points: Point[]; disagreeing: Disagreement[] } {
  const points = new Map<string, Point>();
  const disagreeing: Disagreement[] = [];
  for (const { runId, step, time: told, generation, values } of entries) {
    // as the database gives it back
    const time = new Date(told).toISOString();
    for (const [name, value] of Object.entries(values)) {
      const key = `${runId} ${step} ${name}`;
      const first = points.get(key);
      if (!first) points.set(key, { runId, name, step, value, time, generation });
      else if (name === metric.trainLoss && first.value !== value)
        disagreeing.push({ runId, step, generation, first: first.value, again: value, time });
    }
  }
  return { points: [...points.values()], disagreeing };
}

export interface Disagreement {
  runId: string;
  step: number;
  generation: number;
  first: number | null;
  again: number | null;
  time: string;
}

/** Which train losses of a batch are stored already, with another value. */
export async function storedOtherwise(tx: Transaction, points: Point[]): Promise<Disagreement[]> {
  const losses = points.filter((point) => point.name === metric.trainLoss);
  if (losses.length === 0) return [];
  const stored = await tx.$queryRaw<{ runId: string; step: number; value: number | null }[]>`
    SELECT p."runId", p.step, p.value FROM unnest(
      ${losses.map((point) => point.runId)}::uuid[], ${losses.map((point) => point.step)}::int[]) AS n("runId", step)
    JOIN "MetricPoint" p ON p."runId" = n."runId" AND p.name = ${metric.trainLoss} AND p.step = n.step`;
  const values = new Map(stored.map((row) => [`${row.runId} ${row.step}`, row.value]));
  return losses.flatMap(({ runId, step, value, generation, time }) => {
    const first = values.get(`${runId} ${step}`);
    return first === undefined || first === value ? [] : [{ runId, step, generation, first, again: value, time }];
  });
}

/**
 * Without those that were announced: a run whose micro-batch became smaller, for want of memory, computes the steps since its checkpoint again
 * with other numbers. `told`: lines of this batch.
 */
export async function unannounced(
  tx: Transaction,
  found: Disagreement[],
  told: { runId: string; event: string; step: number }[],
): Promise<Disagreement[]> {
  if (found.length === 0) return found;
  const type = 'numbers-changed';
  const stored = await tx.event.findMany({
    where: { type, runId: { in: found.map(({ runId }) => runId) } },
    select: { runId: true, step: true },
  });
  const changes = [...stored, ...told.filter(({ event }) => event === type)];
  return found.filter(({ runId, step }) => !changes.some((change) => change.runId === runId && step <= change.step));
}

/** What the ledger says of a step whose loss came out twice, differently: the same numbers were promised. */
export function alarm(found: Disagreement): LedgerLine {
  return {
    key: `determinism-alarm:${found.generation}:${found.step}`,
    type: 'determinism-alarm',
    time: new Date(found.time),
    step: found.step,
    generation: found.generation,
    message: `Step ${found.step} was computed again and gave the loss ${found.again} instead of ${found.first}`,
    data: { stored: found.first, again: found.again },
  };
}

/**
 * Stores points; those that are there already stay as they are. What the points of a step have in common is sent once: to read arrays is a
 * good part of the database's work. @param firstId of as many consecutive ids @returns how many were new
 */
export async function insertPoints(tx: Transaction, points: Point[], firstId: bigint): Promise<number> {
  if (points.length === 0) return 0;
  const { steps, placeOf } = stepsOf(points);
  return tx.$executeRaw`
    INSERT INTO "MetricPoint" (id, "runId", name, step, value, time)
    SELECT ${firstId}::bigint + p.n - 1, (${steps.map(({ runId }) => runId)}::uuid[])[p.place], p.name,
      (${steps.map(({ step }) => step)}::int[])[p.place], p.value,
      (${steps.map(({ time }) => time)}::timestamptz[])[p.place]
    FROM unnest(${placeOf}::int[], ${points.map(({ name }) => name)}::text[],
      ${points.map(({ value }) => (value === null ? null : String(value)))}::float8[])
      WITH ORDINALITY AS p(place, name, value, n)
    ON CONFLICT DO NOTHING`;
}

/** The (run, step, time) of neighbouring points once each, and for every point the place of its own among them, from 1. */
function stepsOf(points: Point[]): { steps: Point[]; placeOf: number[] } {
  const steps: Point[] = [];
  const placeOf = points.map((point) => {
    const last = steps.at(-1);
    const same = last?.runId === point.runId && last.step === point.step && last.time === point.time;
    return same ? steps.length : steps.push(point);
  });
  return { steps, placeOf };
}
