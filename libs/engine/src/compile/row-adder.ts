import { EngineError } from '../errors.js';
import type { ParameterSpace } from '../memory/space.js';
import type { Recording } from '../record/record.js';
import type { GraphSession } from './session.js';

/** Adds the parts of table gradients that are rows, in row order, after the graph has run. */
export class RowAdder {
  private readonly constants = new Map<string, { values: Int32Array; place: Int32Array }>();

  constructor(
    private readonly recording: Recording,
    private readonly session: GraphSession,
    private readonly space: ParameterSpace,
  ) {
    for (const { ids } of recording.rowParts) {
      const constant = recording.graph.constants.find(({ name }) => name === ids);
      if (!constant || this.constants.has(ids)) continue;
      const values = constant.values as Int32Array;
      this.constants.set(ids, { values, place: session.scratch.take('int32', values.length) });
    }
  }

  add(): void {
    for (const parameter of this.recording.withoutDense) this.space.view('g', parameter).fill(0);
    for (const { parameter, node, ids, n, width } of this.recording.rowParts) {
      const table = this.space.view('g', parameter);
      const numbers = this.rowNumbers(ids);
      // the kernel writes where it is told: a number outside the table must not become a stray write
      const bound = table.length / width;
      if (numbers.some((row) => row < 0 || row >= bound)) {
        throw new EngineError('row_out_of_range', `A row outside ${parameter} was read.`, 'Check ids and labels.');
      }
      this.space.kernels.addRows(table.byteOffset, this.session.value(node).byteOffset, numbers.byteOffset, n, width);
    }
  }

  /** The row numbers; constant ones are written anew each time, because programs share their scratch. */
  private rowNumbers(name: string): Int32Array {
    const constant = this.constants.get(name);
    if (!constant) return this.session.value(name) as Int32Array;
    constant.place.set(constant.values);
    return constant.place;
  }
}
