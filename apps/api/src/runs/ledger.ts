import type { Prisma } from '../database/database.js';

export type Transaction = Prisma.TransactionClient;

export interface LedgerLine {
  /** Unique within its run: the same line twice is one. */
  key: string;
  type: string;
  time: Date;
  step: number;
  generation: number;
  message: string;
  data?: Prisma.InputJsonObject;
}

/**
 * Gives `count` consecutive ids for points and events. It locks the cursor's row until the transaction ends, so ids are
 * committed in their order: a reader that has seen one has seen all before it.
 * @returns the first of them
 */
export async function takeIds(tx: Transaction, count: number): Promise<bigint> {
  const { sequence } = await tx.streamCursor.update({
    where: { id: 1 },
    data: { sequence: { increment: count } },
    select: { sequence: true },
  });
  return sequence - BigInt(count) + 1n;
}

/** Writes one line of a run's ledger. */
export async function appendEvent(tx: Transaction, runId: string, line: LedgerLine): Promise<void> {
  const id = await takeIds(tx, 1);
  await tx.event.createMany({ data: { id, runId, data: {}, ...line }, skipDuplicates: true });
}
