import type { Readable } from 'node:stream';

export interface BlobInfo {
  /** Hex SHA-256 of the contents: the blob's name. */
  sha256: string;
  bytes: number;
}

export type BlobSource = Uint8Array | AsyncIterable<Uint8Array>;

/** What a manifest says of a checkpoint. */
export interface CheckpointInfo {
  step: number;
  /** Hex SHA-256 of the manifest, which holds those of the files: stands for everything in the checkpoint. */
  sha256: string;
  /** Of all files together. */
  bytes: number;
  metadata: Record<string, unknown>;
}

export interface Checkpoint extends CheckpointInfo {
  files: Record<string, Buffer>;
}

export interface WrittenCheckpoint extends Omit<CheckpointInfo, 'metadata'> {
  /** Folder that holds it. */
  path: string;
}

export interface LatestCheckpoint {
  /** The newest one whose every file verifies; null where there is none. */
  checkpoint: CheckpointInfo | null;
  /** Newer ones that do not, newest first. */
  refused: { step: number; reason: string }[];
}

export interface Retention {
  /** How many of the newest stay. */
  last: number;
  /** A metric of `metadata.metrics`: the checkpoint where it is least stays too (the earliest of equals). */
  best?: string;
}

/**
 * Where datasets, checkpoints and what is derived from them live. Everything appears whole or not at all, and is verified when read.
 * Errors are AppErrors: `not-found`, `disk-full`, `checkpoint-corrupt`, `internal` for a damaged blob, `invalid` for a malformed name.
 */
export interface ArtifactStore {
  /** Stores contents under their own SHA-256, streaming; the same contents twice are stored once. */
  putBlob(source: BlobSource): Promise<BlobInfo>;
  getBlob(sha256: string): Promise<Buffer>;
  /** Streams a blob; ends with an error where the contents do not match the name. */
  openBlob(sha256: string): Readable;
  hasBlob(sha256: string): Promise<boolean>;
  /** Deletes a blob; one that is not there is no error. */
  deleteBlob(sha256: string): Promise<void>;
  /**
   * What `make` makes of inputs that `key` names completely: made once, then read back. A damaged copy is made anew.
   * Several callers in one process wait for one making; several processes may each make it, and the last one stays.
   */
  derived(key: string, make: () => Promise<Uint8Array>): Promise<Buffer>;
  /**
   * Stores a checkpoint: written beside, checksummed, synced, then renamed into place. The same contents again change nothing;
   * other contents at the same step, or a damaged checkpoint there, are replaced.
   * @param metadata goes into the manifest as JSON; without times or the like, equal runs have equal manifests
   */
  writeCheckpoint(
    runId: string,
    step: number,
    files: Record<string, Uint8Array>,
    metadata: Record<string, unknown>,
  ): Promise<WrittenCheckpoint>;
  /** Reads a checkpoint, every byte verified. */
  readCheckpoint(runId: string, step: number): Promise<Checkpoint>;
  /** The newest checkpoint (of at most step `atMost`) that verifies, read in small pieces. */
  latestCheckpoint(runId: string, options?: { atMost?: number }): Promise<LatestCheckpoint>;
  /** Steps, ascending; nothing is verified. */
  listCheckpoints(runId: string): Promise<number[]>;
  /** Deletes a checkpoint; one that is not there is no error. */
  deleteCheckpoint(runId: string, step: number): Promise<void>;
  /** Deletes all checkpoints of a run. */
  deleteCheckpoints(runId: string): Promise<void>;
  /** Deletes the checkpoints that neither rule keeps; gives what their manifests said. Ones with a damaged manifest are left alone. */
  retainCheckpoints(runId: string, retention: Retention): Promise<CheckpointInfo[]>;
}
