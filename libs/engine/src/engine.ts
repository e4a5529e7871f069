import { CompiledEngine } from './compile/compiled-engine.js';
import { EagerEngine } from './eager/eager-engine.js';
import { EngineError } from './errors.js';
import type { Engine } from './types.js';

/** Engines of this build, and the ones that a machine must bring. */
export type EngineKind =
  | 'compiled'
  | 'wasm'
  | 'cpu'
  | 'tfjs-node'
  | 'tfjs-node-gpu'
  | 'compiled:cuda'
  | 'compiled:webgpu';

/** What an engine that is not part of this build needs. */
const NEEDS: Partial<Record<EngineKind, string>> = {
  'tfjs-node': 'the package @tensorflow/tfjs-node and its native library',
  'tfjs-node-gpu': 'the package @tensorflow/tfjs-node-gpu, its native library and CUDA',
  'compiled:cuda': "onnxruntime's CUDA provider and a CUDA device",
  'compiled:webgpu': "onnxruntime's WebGPU provider and a GPU",
};

/**
 * Makes an engine. `threads` is for `compiled`: onnxruntime's threads in one operator; the eager engines have one.
 * Throws EngineError `engine_unavailable` for an engine that cannot be made here.
 */
export function createEngine(kind: EngineKind, { threads = 1 } = {}): Engine {
  if (kind === 'compiled') return new CompiledEngine({ threads });
  if (kind === 'cpu' || kind === 'wasm') return new EagerEngine(kind);
  const needs = NEEDS[kind] ?? 'something unknown';
  throw new EngineError(
    'engine_unavailable',
    `The engine ${kind} cannot be made here: it needs ${needs}, which this worker does not have.`,
    'Choose the engine "compiled", or run on a worker that offers it.',
  );
}
