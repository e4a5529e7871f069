import '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { EngineError } from '../errors.js';

export type EagerKind = 'cpu' | 'wasm' | 'tfjs-node' | 'tfjs-node-gpu';

/**
 * The name of the tfjs backend of an engine, registered. tfjs-node and tfjs-node-gpu are no dependencies of ours: whoever wants them installs
 * them beside us (docs/gpu.md), so that they find the same tfjs-core.
 * Throws EngineError `engine_unavailable` where the package or its native library is missing.
 */
export async function loadedBackend(kind: EagerKind): Promise<string> {
  if (kind === 'cpu' || kind === 'wasm') return kind;
  try {
    createRequire(import.meta.url)(`@tensorflow/${kind}`);
  } catch (error) {
    throw new EngineError(
      'engine_unavailable',
      `The engine ${kind} cannot be had here: ${firstLine(error)}.`,
      `Install @tensorflow/${kind} with its native library (docs/gpu.md), or choose the engine "compiled".`,
      { cause: error },
    );
  }
  return 'tensorflow';
}

const firstLine = (error: unknown): string => String((error as Error).message ?? error).split('\n')[0];
