import { ExchangeFaults } from '@regatta/collective';
import { type ArtifactStore, writeError } from '@regatta/storage';
import type { TrainerFault } from '../ipc.js';

const delayMs = 500;

/** The faults on purpose that happen inside a trainer. */
export class TrainerFaults {
  readonly exchange = new ExchangeFaults();
  private slowUntil = 0;
  private fullUntil = 0;
  private short = false;

  happen(fault: TrainerFault, seconds: number): void {
    if (fault === 'corrupt') this.exchange.corruptNext();
    if (fault === 'drop-redis') this.exchange.dropConnections();
    if (fault === 'slow') this.slowUntil = performance.now() + seconds * 1000;
    if (fault === 'out-of-memory') this.short = true;
    if (fault === 'full-disk') this.fullUntil = performance.now() + seconds * 1000;
  }

  /** The store, without room for checkpoints while the disk is to be full. */
  cramp(store: ArtifactStore): ArtifactStore {
    return {
      ...store,
      writeCheckpoint: async (...checkpoint) => {
        if (performance.now() < this.fullUntil) {
          throw writeError(
            Object.assign(new Error('no space left, on purpose'), { code: 'ENOSPC' }),
            'a fault on purpose',
          );
        }
        return store.writeCheckpoint(...checkpoint);
      },
    };
  }

  /**
   * Called when a step's computation begins. Blocks this thread while the trainer is slow, as a busy processor would.
   * @throws Error in the words of ONNX Runtime where memory is to be short
   */
  strike(): void {
    if (this.short) {
      const message = 'Failed to allocate memory for requested buffer, on purpose.';
      throw Object.assign(new Error(message), { code: 'out-of-memory' });
    }
    if (performance.now() < this.slowUntil) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  }
}
