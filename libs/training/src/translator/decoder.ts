import type { Inputs } from '@regatta/engine';
import type { StepResult } from '@regatta/models';
import type { SpecialIds } from './pairs.js';
import type { CompiledStage, TranslationPrograms } from './programs.js';
import type { DecodingShape } from './scratch.js';

// B rows of the graph, R rows in use, S source tokens, C capacity of a cache.

/**
 * A decoder under way: the encoder's results and the decoder's states, kept in the inputs of the decoding program from one step to the
 * next. Programs over one space share those bytes, so no other one may run before the last step.
 */
export class Decoder {
  private readonly states: string[];

  private constructor(
    private readonly shape: DecodingShape,
    private readonly rows: number,
    private readonly decoding: CompiledStage,
    private readonly special: SpecialIds,
  ) {
    this.states = decoding.inputs.map(({ name }) => name).filter((name) => name.startsWith('state.'));
  }

  /**
   * Encodes sentences (without special tokens), each for `copies` rows.
   * @throws RangeError where they do not fit the shape
   */
  static async begin(
    programs: TranslationPrograms,
    shape: DecodingShape,
    sentences: readonly Int32Array[],
    copies: number,
    special: SpecialIds,
  ): Promise<Decoder> {
    const rows = sentences.length * copies;
    if (rows > shape.batch) throw new RangeError(`${rows} rows for a batch of ${shape.batch}`);
    const encoding = await programs.encoding({ batch: shape.batch, sourceLength: shape.sourceLength });
    const decoding = await programs.decoding(shape);
    const mask = placeSources(encoding.program.inputs, shape, sentences, copies, special);
    const encoded = await encoding.program.run();
    const { inputs } = decoding.program;
    for (const name of Object.keys(inputs)) if (name.startsWith('state.')) inputs[name].fill(0);
    for (const [name, { data }] of Object.entries(encoded)) inputs[name]?.set(data);
    inputs.sourceMask.set(mask);
    return new Decoder(shape, rows, decoding, special);
  }

  /** One token of every row in use; the same position in all (see Step of the searches). */
  async step(tokens: Int32Array, positions: Int32Array, origins: Int32Array): Promise<StepResult> {
    const { inputs } = this.decoding.program;
    const position = positions[0];
    this.reorder(origins, position);
    inputs.tokenIds.fill(this.special.eosId);
    inputs.tokenIds.set(tokens);
    inputs.position.fill(position);
    const outputs = await this.decoding.program.run();
    for (const state of this.states) {
      const name = state.slice('state.'.length);
      const whole = outputs[state];
      if (whole) inputs[state].set(whole.data);
      else this.writeRow(inputs[state] as Float32Array, outputs[`row.${name}`].data, position);
    }
    const used = (data: Float32Array) => data.subarray(0, (data.length / this.shape.batch) * this.rows);
    return {
      logits: used(outputs.logits.data),
      ...(outputs.attention && { attention: used(outputs.attention.data) }),
    };
  }

  /** Row r of every state becomes what row origins[r] was; of a cache only the positions that are written. */
  private reorder(origins: Int32Array, position: number): void {
    if (origins.every((origin, row) => origin === row)) return;
    for (const { name, shape } of this.decoding.inputs) {
      if (!name.startsWith('state.')) continue;
      const state = this.decoding.program.inputs[name];
      const width = state.length / this.shape.batch;
      const used = shape.length === 3 ? (width / this.shape.capacity) * position : width;
      const before = state.slice(0, this.rows * width);
      origins.forEach((origin, row) => {
        state.set(before.subarray(origin * width, origin * width + used), row * width);
      });
    }
  }

  /** cache [B, C, width] at the position of every row = rows [B, width] */
  private writeRow(cache: Float32Array, rows: Float32Array, position: number): void {
    const { batch, capacity } = this.shape;
    const width = rows.length / batch;
    for (let row = 0; row < this.rows; row++) {
      cache.set(rows.subarray(row * width, (row + 1) * width), (row * capacity + position) * width);
    }
  }
}

/** Writes the sentences, the end token behind each; a row without one gets the end token alone. Gives the mask, [B · S]. */
export function placeSources(
  inputs: Inputs,
  { batch, sourceLength: S }: Pick<DecodingShape, 'batch' | 'sourceLength'>,
  sentences: readonly Int32Array[],
  copies: number,
  { padId, eosId }: SpecialIds,
): Float32Array {
  const mask = new Float32Array(batch * S);
  inputs.sourceIds.fill(padId);
  for (let row = 0; row < batch; row++) {
    const ids = sentences[Math.floor(row / copies)] ?? [];
    if (ids.length + 1 > S) throw new RangeError(`a source of ${ids.length} tokens for a shape of ${S}`);
    inputs.sourceIds.set(ids, row * S);
    inputs.sourceIds[row * S + ids.length] = eosId;
    mask.fill(1, row * S, row * S + ids.length + 1);
  }
  inputs.sourceMask.set(mask);
  return mask;
}
