import { exportOnnx, type OnnxInput } from '@regatta/engine';
import type { Translator } from '@regatta/training';

const batch = 'batch';

/**
 * The two stages of a translation, for any batch; sources are padded to S tokens, the model's most, and caches have room for as many. Inputs
 * and outputs that are handed on have one name in both files:
 * - `encoder_model.onnx`: input_ids and attention_mask, int64 [batch, S] (the end token behind each source) → memory.*, and state.* of a
 *   recurrent model;
 * - `decoder_model.onnx`, one token a call: input_ids and position, int64 [batch] (position 0 takes the begin token), attention_mask, memory.*
 *   and state.* (zeros at first where the encoder gives none) → logits [batch, vocabulary], attention; present.X takes state.X's place,
 *   row.X [batch, width] is to be written into state.X [batch, S, width] at the position.
 */
export async function exportTranslation({ programs, config }: Translator): Promise<Record<string, Uint8Array>> {
  const { model, space } = programs;
  const length = config.maxLength;
  const encoder = (size: number) => model.encode({ batch: size, sourceLength: length });
  const decoder = (size: number) => model.decode({ batch: size, sourceLength: length, capacity: length });
  // names that the stages give their results are known once one is made: their inputs say which they hand on
  const memory = decoder(1).inputs.filter(({ name }) => /^(memory|state)\./.test(name));
  const handed = memory.map(
    ({ name, shape }): OnnxInput => ({ name, feeds: name, dtype: 'float32', dims: [batch, ...shape.slice(1)] }),
  );
  const mask: OnnxInput = { name: 'attention_mask', feeds: 'sourceMask', dtype: 'int64', dims: [batch, length] };
  const integers = (name: string, feeds: string, dims: (string | number)[]): OnnxInput => ({
    name,
    feeds,
    dtype: 'int64',
    dims,
  });
  const shared = { sizes: [batch], space };
  return {
    'encoder_model.onnx': await exportOnnx({
      ...shared,
      name: 'encoder',
      at: (sizes) => encoder(sizes.batch),
      inputs: [integers('input_ids', 'sourceIds', [batch, length]), mask],
      outputs: (name) => name,
    }),
    'decoder_model.onnx': await exportOnnx({
      ...shared,
      name: 'decoder',
      at: (sizes) => decoder(sizes.batch),
      inputs: [integers('input_ids', 'tokenIds', [batch]), integers('position', 'position', [batch]), mask, ...handed],
      outputs: (name) => name.replace(/^state\./, 'present.'),
    }),
  };
}
