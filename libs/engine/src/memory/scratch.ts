import { EngineError } from '../errors.js';
import { roundUp } from './layout.js';
import type { ParameterSpace } from './space.js';

export type Element = 'float32' | 'int32' | 'bool';
export type Values = Float32Array | Int32Array | Uint8Array;
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Hands out a space's scratch from its start. Programs over one space share it and therefore run one at a time. */
export class Scratch {
  private at: number;

  constructor(private readonly space: ParameterSpace) {
    this.at = space.scratchStart;
  }

  get bytes(): number {
    return this.at - this.space.scratchStart;
  }

  /** `count` elements on a 64-byte boundary. Throws EngineError `scratch_too_small`. */
  take(type: 'float32', count: number): Float32Array;
  take(type: 'int32', count: number): Int32Array;
  take(type: 'bool', count: number): Uint8Array;
  take(type: Element, count: number): Values;
  take(type: Element, count: number): Values {
    const bytes = roundUp(count * (type === 'bool' ? 1 : 4), 64);
    if (this.at + bytes > this.space.scratchEnd) {
      const size = this.space.scratchEnd - this.space.scratchStart;
      throw new EngineError(
        'scratch_too_small',
        `A program of this shape needs more than the ${size} bytes of scratch that the parameter space has.`,
        'Create the space with more scratchBytes, or use a smaller micro-batch.',
      );
    }
    const values = new ARRAYS[type](this.space.memory.buffer, this.at, count);
    this.at += bytes;
    return values;
  }
}
