export { type ExportOptions, exportOnnx, type OnnxInput, pick } from './compile/export/export-onnx.js';
export { createEngine, type EngineKind } from './engine.js';
export { EngineError } from './errors.js';
export type { NamedTensor, ParameterSpec } from './memory/layout.js';
export type { AdamWOptions } from './memory/optimizers.js';
export { ParameterSpace, type Region, type SpaceOptions } from './memory/space.js';
export { engineProblem } from './problem.js';
export type {
  CompileForwardOptions,
  CompileOptions,
  Engine,
  ForwardFunction,
  ForwardProgram,
  InputSpec,
  Inputs,
  Keep,
  ModelFunction,
  Program,
  RunPlace,
} from './types.js';
