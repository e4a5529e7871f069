import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';

/** What was committed of a run: points alone (see RecentPoints), or anything. */
export type RunChange = 'points' | 'any';

/** Tells, within this process, that something of a run was committed; readers then look. */
@Injectable()
export class RunChanges {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  /** How often something was told: what was read at an earlier count may be old. */
  count = 0;

  notify(runIds: Iterable<string>, change: RunChange = 'any'): void {
    this.count += 1;
    for (const id of new Set(runIds)) this.emitter.emit(id, change);
  }

  /** Calls `listener` at each change of a run. @returns the function that ends it */
  subscribe(runId: string, listener: (change: RunChange) => void): () => void {
    this.emitter.on(runId, listener);
    return () => this.emitter.off(runId, listener);
  }
}
