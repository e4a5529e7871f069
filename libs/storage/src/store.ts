import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@regatta/contracts';
import { Blobs } from './blobs.js';
import { Checkpoints } from './checkpoints.js';
import { Derived } from './derived.js';
import { Scratch } from './scratch.js';
import type { ArtifactStore } from './types.js';

/** Opens the store in a folder; nothing is created before something is written. */
function openFolder(root: string): ArtifactStore {
  const scratch = new Scratch(root);
  const blobs = new Blobs(root, scratch);
  const derived = new Derived(root, scratch);
  const checkpoints = new Checkpoints(root, scratch);
  return {
    putBlob: (source) => blobs.put(source),
    getBlob: (sha256) => blobs.get(sha256),
    openBlob: (sha256) => blobs.open(sha256),
    hasBlob: (sha256) => blobs.has(sha256),
    deleteBlob: (sha256) => blobs.delete(sha256),
    derived: (key, make) => derived.get(key, make),
    writeCheckpoint: (runId, step, files, metadata) => checkpoints.write(runId, step, files, metadata),
    readCheckpoint: (runId, step) => checkpoints.read(runId, step),
    latestCheckpoint: (runId, options) => checkpoints.latest(runId, options),
    listCheckpoints: (runId) => checkpoints.list(runId),
    deleteCheckpoint: (runId, step) => checkpoints.delete(runId, step),
    deleteCheckpoints: (runId) => checkpoints.deleteAll(runId),
    retainCheckpoints: (runId, retention) => checkpoints.retain(runId, retention),
  };
}

/**
 * Opens an artifact store.
 * @param url a file URL ("file:///var/lib/regatta/artifacts") or an absolute path
 * @throws AppError `invalid` for anything else
 */
export function openStore(url: string): ArtifactStore {
  if (path.isAbsolute(url)) return openFolder(url);
  try {
    return openFolder(fileURLToPath(url));
  } catch (error) {
    throw new AppError('invalid', 'The artifact store must be a folder: a file URL or an absolute path.', {
      next: 'Set ARTIFACTS_URL to something like file:///var/lib/regatta/artifacts; other kinds of store are not supported.',
      cause: error,
    });
  }
}
