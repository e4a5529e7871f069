import { keptLogLines, type LogsEntry, logLevels } from '@regatta/contracts';
import type { Transaction } from '../runs/ledger.js';

/**
 * Stores what was logged, each line once, and lets go of a run's oldest lines beyond the kept number.
 * @param firstId of as many consecutive ids as there are lines
 */
export async function insertLogLines(tx: Transaction, entries: LogsEntry[], firstId: bigint): Promise<void> {
  if (entries.length === 0) return;
  const lines = entries.flatMap(({ runId, writer, seq, lines }) =>
    lines.map(({ level, ...line }, i) => ({ runId, writer, seq: seq + i, level: logLevels.indexOf(level), ...line })),
  );
  const rows = JSON.stringify(lines.map((line, i) => ({ id: String(firstId + BigInt(i)), ...line })));
  await tx.$executeRaw`
    INSERT INTO "LogLine" (id, "runId", writer, seq, time, level, rank, source, text)
    SELECT * FROM json_to_recordset(${rows}::json) AS line(id bigint, "runId" uuid, writer text, seq int,
      time timestamptz, level int, rank int, source text, text text)
    ON CONFLICT DO NOTHING`;
  for (const runId of new Set(entries.map((entry) => entry.runId)))
    await tx.$executeRaw`
      DELETE FROM "LogLine" WHERE "runId" = ${runId}::uuid AND id <= (
        SELECT id FROM "LogLine" WHERE "runId" = ${runId}::uuid ORDER BY id DESC OFFSET ${keptLogLines} LIMIT 1)`;
}
