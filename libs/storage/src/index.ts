export { writeError } from './errors.js';
export { decodeSafetensors, encodeSafetensors, type StoredTensor, safetensorsShapes } from './safetensors.js';
export { SafetensorsFile, type TensorPlace } from './safetensors-file.js';
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
