import type { EventEntry, LogsEntry, MetricsEntry } from '@regatta/contracts';
import { type Database, Prisma } from '../database/database.js';
import { type LedgerLine, type Transaction, takeIds } from '../runs/ledger.js';
import { compareIds, type RawEntry, readEntries, type UnreadableEntry } from './entries.js';
import { insertLogLines } from './log-lines.js';
import { alarm, insertPoints, pointsOf, storedOtherwise, unannounced } from './points.js';
import type { RecentPoints } from './recent-points.js';
import { RunUpdate, type StoredRun } from './run-update.js';
import type { StepRates } from './step-rate.js';

export interface StoredBatch {
  /** How far the stream is stored now: by this batch, or further by another process. */
  position: string;
  /** The runs of which points were stored and nothing else, and those of which anything was. */
  changed: { points: string[]; any: string[] };
}

/** What a batch stored under which ids (see RecentPoints). */
type Stored = Parameters<RecentPoints['stored']>[0];

/**
 * Stores entries of the stream and moves its cursor, in one transaction: all of it or nothing. The cursor's row lock
 * lets one process at a time store; entries that are stored already are left out, so none counts twice.
 */
export async function storeBatch(
  database: Database,
  raw: RawEntry[],
  rates: StepRates,
  recent: RecentPoints,
  aside: UnreadableEntry[] = [],
): Promise<StoredBatch> {
  let stored: Stored | undefined;
  const batch = await database.$transaction(async (tx) => {
    const [cursor] = await tx.$queryRaw<{ position: string }[]>`
      SELECT position FROM "StreamCursor" WHERE id = 1 FOR UPDATE`;
    const fresh = raw.filter(({ id }) => compareIds(id, cursor.position) > 0);
    const last = fresh.at(-1);
    if (!last) return { position: cursor.position, changed: { points: [], any: [] } };
    const { entries, unreadable } = readEntries(fresh);
    const runs = await lockRuns(tx, [...new Set(entries.map(({ entry }) => entry.runId))]);
    // What is said of a run that does not exist (any more) is nobody's.
    const known = entries.map(({ entry }) => entry).filter((entry) => runs.has(entry.runId));
    stored = await storeNumbered(
      tx,
      known.filter((entry) => entry.type === 'metrics'),
      known.filter((entry) => entry.type === 'event'),
      known.filter((entry) => entry.type === 'logs'),
    );
    const updates = new Map([...runs].map(([id, run]) => [id, new RunUpdate(run, rates)]));
    for (const entry of known) await updates.get(entry.runId)?.apply(tx, entry);
    for (const update of updates.values()) await update.write(tx);
    await RunUpdate.writeProgress(tx, [...updates.values()]);
    const letters = [...aside, ...unreadable].map(({ id, ...letter }) => ({ entryId: id, ...letter }));
    if (letters.length > 0) await tx.deadLetter.createMany({ data: letters, skipDuplicates: true });
    await tx.streamCursor.update({ where: { id: 1 }, data: { position: last.id } });
    const ofPoints = stored?.all ? [...updates].filter(([, update]) => !update.more).map(([id]) => id) : [];
    const any = [...runs.keys()].filter((id) => !ofPoints.includes(id));
    return { position: last.id, changed: { points: ofPoints, any } };
  });
  if (stored) recent.stored(stored);
  return batch;
}

async function lockRuns(tx: Transaction, ids: string[]): Promise<Map<string, StoredRun>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.$queryRaw<StoredRun[]>`
    SELECT id, name, task, "datasetId", "baseId", status, "stateEpoch", step, "startedAt", "finishedAt", metrics
    FROM "Run" WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** Points, lines of the ledger and of the log: all that is read in the order of its ids. */
async function storeNumbered(
  tx: Transaction,
  metrics: MetricsEntry[],
  events: EventEntry[],
  logs: LogsEntry[],
): Promise<Stored | undefined> {
  const { points, disagreeing } = pointsOf(metrics);
  const differing = [...disagreeing, ...(await storedOtherwise(tx, points))];
  const alarms = (await unannounced(tx, differing, events)).map((found) => ({ runId: found.runId, ...alarm(found) }));
  const lines = [...events.map(lineOf), ...alarms];
  const logged = logs.reduce((sum, entry) => sum + entry.lines.length, 0);
  const count = points.length + lines.length + logged;
  if (count === 0) return undefined;
  const firstId = await takeIds(tx, count);
  const inserted = await insertPoints(tx, points, firstId);
  const firstLine = firstId + BigInt(points.length);
  await tx.event.createMany({
    data: lines.map((line, i) => ({ id: firstLine + BigInt(i), data: {}, ...line })),
    skipDuplicates: true,
  });
  await insertLogLines(tx, logs, firstLine + BigInt(lines.length));
  const all = inserted === points.length && lines.length === 0;
  return { first: firstId, last: firstId + BigInt(count) - 1n, points, all };
}

function lineOf(entry: EventEntry): LedgerLine & { runId: string } {
  const { runId, key, event, step, generation, message } = entry;
  return {
    runId,
    key,
    type: event,
    time: new Date(entry.time),
    step,
    generation,
    message,
    data: entry.data as Prisma.InputJsonObject,
  };
}
