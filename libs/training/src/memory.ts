import type { StreamEntry } from '@regatta/contracts';
import type { TrainingState } from './state.js';

/** More than a rank may have reported without an acknowledgement (ipc.ts): what of it was lost with rank 0 can be told again. */
const mostEntries = 1200;

/** What a trainer keeps from one generation to the next: with the weights in its space, all that going on needs. */
export class RankMemory {
  /** null: nothing was trained or loaded yet. */
  state: TrainingState | null = null;
  private recent: StreamEntry[] = [];

  /** Notes an entry that every rank makes alike and rank 0 tells. */
  note(entry: StreamEntry): void {
    this.recent.push(entry);
    if (this.recent.length > 2 * mostEntries) this.recent = this.recent.slice(-mostEntries);
  }

  /** The newest of them, oldest first. */
  entries(): readonly StreamEntry[] {
    return this.recent.slice(-mostEntries);
  }
}
