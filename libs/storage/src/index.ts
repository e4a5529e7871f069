export { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.js';
export { openStore } from './store.js';
export type {
  ArtifactStore,
  BlobInfo,
  BlobSource,
  Checkpoint,
  CheckpointInfo,
  LatestCheckpoint,
  Retention,
  WrittenCheckpoint,
} from './types.js';
