import type { ArtifactStore } from '@regatta/storage';
import type { NewestCheckpoint } from './gathering.js';

/** The newest checkpoint of a run that verifies, and those that do not. */
export const newestCheckpoint =
  (store: ArtifactStore) =>
  async (runId: string): Promise<NewestCheckpoint> => {
    const { checkpoint, refused } = await store.latestCheckpoint(runId);
    return { step: checkpoint?.step ?? null, refused };
  };
