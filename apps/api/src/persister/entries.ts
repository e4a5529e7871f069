import { type StreamEntry, streamEntry } from '@regatta/contracts';
import { unstorable } from '../http/unstorable.js';

/** An entry of the workers' stream as it was read. */
export interface RawEntry {
  id: string;
  data: string | undefined;
}

export interface ReadEntry {
  id: string;
  entry: StreamEntry;
}

export interface UnreadableEntry {
  id: string;
  data: string;
  reason: string;
}

const largestInteger = 2 ** 31 - 1;

/** Parses what can be parsed; the rest comes back with the reason, to be put aside. */
export function readEntries(raw: RawEntry[]): { entries: ReadEntry[]; unreadable: UnreadableEntry[] } {
  const entries: ReadEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const { id, data = '' } of raw) {
    try {
      entries.push({ id, entry: read(data) });
    } catch (error) {
      unreadable.push(putAside(id, data, error));
    }
  }
  return { entries, unreadable };
}

export function putAside(id: string, data: string, error: unknown): UnreadableEntry {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    id,
    data: data.replaceAll('\0', '\ufffd').slice(0, 100_000),
    reason: reason.replaceAll('\0', '\ufffd').slice(0, 2000),
  };
}

function read(data: string): StreamEntry {
  const value: unknown = JSON.parse(data);
  const wrong = unstorable(value);
  if (wrong) throw new Error(`${wrong.path} ${wrong.message}`);
  const entry = streamEntry.parse(value);
  if (integersOf(entry).some((integer) => integer > largestInteger))
    throw new Error('a number is too large for its column');
  return entry;
}

/** What goes into columns of 32 bits. */
function integersOf(entry: StreamEntry): number[] {
  if (entry.type === 'logs') return [entry.seq + entry.lines.length, ...entry.lines.map(({ rank }) => rank ?? 0)];
  if (entry.type === 'state') return [entry.epoch, entry.restarts, entry.generation];
  return [entry.step, entry.generation];
}

/** `a` before, equal to or after `b`, as Redis orders stream ids. */
export function compareIds(a: string, b: string): number {
  const [aMs, aSeq] = a.split('-').map(BigInt);
  const [bMs, bSeq] = b.split('-').map(BigInt);
  const difference = aMs === bMs ? (aSeq ?? 0n) - (bSeq ?? 0n) : aMs - bMs;
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The least id after this one. */
export function nextId(id: string): string {
  const [ms, seq] = id.split('-');
  return `${ms}-${BigInt(seq ?? '0') + 1n}`;
}
