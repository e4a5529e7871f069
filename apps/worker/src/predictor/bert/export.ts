import { exportOnnx } from '@regatta/engine';
import { type OutputName, stageOf } from './graphs.js';
import type { LoadedBert } from './loaded-bert.js';

/** Names that Hugging Face's exporters give the outputs. */
const names: Partial<Record<OutputName, string>> = {
  predictionLogits: 'prediction_logits',
  seqRelationshipLogits: 'seq_relationship_logits',
  logits: 'logits',
  startLogits: 'start_logits',
  endLogits: 'end_logits',
  lastHiddenState: 'last_hidden_state',
};
const sizes = ['batch', 'sequence'];

/** `model.onnx`: inputs input_ids, attention_mask, token_type_ids, int64 [batch, sequence], both free. */
export async function exportBert(model: LoadedBert): Promise<Record<string, Uint8Array>> {
  const { description, space } = model;
  const outputs = model.headOutputs();
  const bytes = await exportOnnx({
    name: 'bert',
    sizes,
    space,
    at: ({ batch, sequence }) => stageOf(description, outputs, { batch, length: sequence }),
    inputs: [
      { name: 'input_ids', feeds: 'ids', dtype: 'int64', dims: sizes },
      { name: 'attention_mask', feeds: 'mask', dtype: 'int64', dims: sizes },
      { name: 'token_type_ids', feeds: 'segments', dtype: 'int64', dims: sizes },
    ],
    outputs: (output) => names[output as OutputName],
  });
  return { 'model.onnx': bytes };
}
