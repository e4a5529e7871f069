import { gradientsOf } from '../autodiff.js';
import { withBackend } from '../backend.js';
import { EngineError } from '../errors.js';
import { machine } from '../machine.js';
import { drawSite } from '../masks.js';
import { elements, learns } from '../memory/layout.js';
import { Scratch } from '../memory/scratch.js';
import type { ParameterSpace } from '../memory/space.js';
import { byteRate } from '../ops/dropout.js';
import { modelLine } from '../record/model-line.js';
import { type Tensor, tf } from '../tf.js';
import type {
  CompileForwardOptions,
  CompileOptions,
  Engine,
  ForwardProgram,
  InputSpec,
  Inputs,
  Keep,
  Program,
  RunPlace,
} from '../types.js';
import { type EagerKind, loadedBackend } from './backends.js';

/**
 * Runs models operation by operation on a tfjs backend, fused operations as their compositions: the reference that the compiled engine is
 * tested against, and, on libtensorflow, a way to a GPU. Same parameters, same masks.
 */
export class EagerEngine implements Engine {
  constructor(readonly kind: EagerKind) {}

  fingerprint(): string {
    return `${this.kind} tfjs-${tf.version_core} ${machine()} threads-1`;
  }

  async compile({ key, model, inputs: specs, space, dropout }: CompileOptions): Promise<Program> {
    await loadedBackend(this.kind);
    const scratch = new Scratch(space);
    const inputs = allocate(specs, scratch);
    const masks = new Map<string, Uint8Array>();
    const keeper =
      (place: RunPlace): Keep =>
      (site, shape, rate) => {
        const threshold = byteRate(rate) * 256;
        if (!dropout || threshold === 0) return undefined;
        const bytes = masks.get(site) ?? scratch.take('bool', elements(shape));
        masks.set(site, bytes);
        drawSite(space, bytes, { site, threshold }, place);
        return tf.tensor(bytes.slice(), shape, 'bool');
      };
    const step = (place: RunPlace): Record<string, number> => {
      const x = tensors(specs, inputs);
      let sums: Record<string, number> = {};
      const weights = weightTensors(space);
      const learning = space.parameters.filter(learns);
      const grads = gradientsOf(
        () => {
          const result = model(weights, x, keeper(place));
          sums = Object.fromEntries(Object.entries(result.sums).map(([name, sum]) => [name, sum.dataSync()[0]]));
          return result.loss;
        },
        learning.map(({ name }) => weights[name]),
      );
      learning.forEach(({ name }, i) => {
        const values = grads[i]?.dataSync();
        if (values) space.view('g', name).set(values);
        else space.view('g', name).fill(0);
      });
      return sums;
    };
    return {
      inputs,
      get scratchBytes() {
        return scratch.bytes;
      },
      run: (place) => this.eagerly(key, () => step(place)),
      dispose: async () => {},
    };
  }

  async compileForward({ key, model, inputs: specs, space }: CompileForwardOptions): Promise<ForwardProgram> {
    await loadedBackend(this.kind);
    const scratch = new Scratch(space);
    const inputs = allocate(specs, scratch);
    const forward = () => {
      const outputs = Object.entries(model(weightTensors(space), tensors(specs, inputs)));
      return Object.fromEntries(
        outputs.map(([name, t]) => [name, { shape: t.shape, data: Float32Array.from(t.dataSync()) }]),
      );
    };
    return {
      inputs,
      scratchBytes: scratch.bytes,
      run: () => this.eagerly(key, forward),
      dispose: async () => {},
    };
  }

  /** Runs on this engine's backend; an operation that it lacks fails by name. */
  private async eagerly<T>(key: string, work: () => T): Promise<T> {
    return withBackend(await loadedBackend(this.kind), () => {
      try {
        return tf.tidy(() => work() as never) as T;
      } catch (error) {
        const match = /Kernel '(\w+)' not registered/.exec(String(error));
        if (!match) throw error;
        throw new EngineError(
          'unknown_operation',
          `${key}: the ${this.kind} engine does not know the operation ${match[1]}, used at ${modelLine(error as Error)}.`,
          'Use the cpu engine.',
          { cause: error },
        );
      }
    });
  }
}

function allocate(specs: readonly InputSpec[], scratch: Scratch): Inputs {
  return Object.fromEntries(
    specs.map(({ name, shape, dtype }) => [name, scratch.take(dtype, elements(shape)) as Float32Array | Int32Array]),
  );
}

// tfjs keeps the array it is given, so tensors are made of copies: the memory changes under them
const tensors = (specs: readonly InputSpec[], inputs: Inputs): Record<string, Tensor> =>
  Object.fromEntries(specs.map(({ name, shape, dtype }) => [name, tf.tensor(inputs[name].slice(), shape, dtype)]));

const weightTensors = (space: ParameterSpace): Record<string, Tensor> =>
  Object.fromEntries(
    space.parameters.map(({ name, shape }) => [name, tf.tensor(space.view('w', name).slice(), shape, 'float32')]),
  );
