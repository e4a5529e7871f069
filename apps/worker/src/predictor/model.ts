import type { EmbedResult, ModelKind, PredictResult } from '@regatta/contracts';

/** A model of a checkpoint, ready to be asked; one question at a time. */
export interface LoadedModel {
  /** null for an encoder without a head. */
  readonly kind: ModelKind | null;
  /** @throws AppError `invalid`, naming the input, where the model cannot take it */
  predict(body: unknown): Promise<PredictResult>;
  /** @throws AppError `invalid` */
  embed(inputs: readonly string[]): Promise<EmbedResult>;
  /** ONNX files by name. */
  exportOnnx(): Promise<Record<string, Uint8Array>>;
  dispose(): Promise<void>;
}
