import { CompiledEngine } from './compile/compiled-engine.js';
import { EagerEngine } from './eager/eager-engine.js';
import type { Engine } from './types.js';

/** What computes: of these, `compiled`, `wasm` and `cpu` work everywhere; a machine must bring what the others need (engineProblem). */
export type EngineKind =
  | 'compiled'
  | 'compiled:cuda'
  | 'compiled:webgpu'
  | 'tfjs-node-gpu'
  | 'tfjs-node'
  | 'wasm'
  | 'cpu';

/**
 * Makes an engine. `threads` is for `compiled`: onnxruntime's threads in one operator. What the machine lacks for it shows at the first
 * program, as EngineError `engine_unavailable`.
 */
export function createEngine(kind: EngineKind, { threads = 1 } = {}): Engine {
  if (kind === 'compiled') return new CompiledEngine({ threads, provider: 'cpu' });
  if (kind === 'compiled:cuda') return new CompiledEngine({ threads, provider: 'cuda' });
  if (kind === 'compiled:webgpu') return new CompiledEngine({ threads, provider: 'webgpu' });
  return new EagerEngine(kind);
}
