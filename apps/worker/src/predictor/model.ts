import type { EmbedResult, EvaluateResult, ModelKind, PredictResult } from '@regatta/contracts';
import type { MeasuredData } from './measured-data.js';

/** A model of a checkpoint, ready to be asked; one question at a time. */
export interface LoadedModel {
  /** null for an encoder without a head. */
  readonly kind: ModelKind | null;
  /** Of its weights. */
  readonly bytes: number;
  /** @throws AppError `invalid`, naming the input, where the model cannot take it */
  predict(body: unknown): Promise<PredictResult>;
  /** @throws AppError `invalid` */
  embed(inputs: readonly string[]): Promise<EmbedResult>;
  /** @throws AppError `invalid` for data of another kind than the model's */
  evaluate(data: MeasuredData): Promise<EvaluateResult>;
  /** ONNX files by name. */
  exportOnnx(): Promise<Record<string, Uint8Array>>;
  dispose(): Promise<void>;
}
