import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';

/** Tells, within this process, that something of a run was committed; readers then look into the database. */
@Injectable()
export class RunChanges {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  /** How often something was told: what was read at an earlier count may be old. */
  count = 0;

  notify(runIds: Iterable<string>): void {
    this.count += 1;
    for (const id of new Set(runIds)) this.emitter.emit(id);
  }

  /** Calls `listener` at each change of a run. @returns the function that ends it */
  subscribe(runId: string, listener: () => void): () => void {
    this.emitter.on(runId, listener);
    return () => this.emitter.off(runId, listener);
  }
}
