import { gradientsOf } from '../autodiff.js';
import { withBackend } from '../backend.js';
import type { Graph, Value } from '../compile/graph.js';
import { EngineError } from '../errors.js';
import { learns, type ParameterSpec } from '../memory/layout.js';
import { byteRate } from '../ops/dropout.js';
import { type Tensor, tf } from '../tf.js';
import type { ForwardFunction, InputSpec, Keep, ModelFunction } from '../types.js';
import './kernels-attention.js';
import './kernels-core.js';
import './kernels-cross-entropy.js';
import './kernels-dense.js';
import './kernels-plain.js';
import './kernels-recurrent.js';
import './kernels-relu.js';
import { modelLine } from './model-line.js';
import { BACKEND, type Rows, recorder } from './recorder.js';

/** A dropout site: the graph's input of its mask, and with what probability of 0 in 256ths it is drawn. */
interface Site extends Value {
  site: string;
  threshold: number;
}

/** A part of a table's gradient that is added after the graph has run. */
interface RowPart extends Rows {
  parameter: string;
}

export interface Recording {
  graph: Graph;
  /** The model's sum → its graph output; two may be one. */
  sums: Map<string, string>;
  /** Graph output → the parameter whose gradient it is. */
  gradients: Map<string, string>;
  rowParts: RowPart[];
  /** Parameters that learn without a dense part in their gradient. */
  withoutDense: string[];
  sites: Site[];
}

export interface ForwardRecording {
  graph: Graph;
  /** Output name of the model → graph output; two may be one. */
  outputs: Map<string, Value>;
}

const unknownKernel = /Kernel '(\w+)' not registered for backend|kernel '(\w+)' for backend/;

/** Traces on the recorder; an operation that it does not know fails by its name and the model's line. */
async function trace<T>(key: string, work: () => T): Promise<T> {
  return withBackend(BACKEND, () => {
    recorder.reset();
    try {
      return tf.tidy(() => work() as never) as T;
    } catch (error) {
      const match = unknownKernel.exec(String(error));
      if (!match) throw error;
      throw new EngineError(
        'unknown_operation',
        `${key}: the compiled engine does not know the operation ${match[1] ?? match[2]}, used at ${modelLine(error as Error)}.`,
        'Write it with operations of @regatta/engine/ops, add a kernel to the recorder, or use the cpu engine.',
        { cause: error },
      );
    }
  });
}

const symbolic = (specs: readonly InputSpec[]): Record<string, Tensor> =>
  Object.fromEntries(specs.map(({ name, shape, dtype }) => [name, recorder.input(name, shape, dtype)]));

/** The mask inputs of a model, in the order of its sites; a site's name may occur once. */
function siteKeeper(key: string, sites: Site[]): Keep {
  return (site, shape, rate) => {
    const threshold = byteRate(rate) * 256;
    if (threshold === 0) return undefined;
    if (threshold >= 256 || sites.some((known) => known.site === site)) {
      throw new EngineError(
        'bad_dropout',
        `${key}: dropout site ${site} at rate ${rate}.`,
        'Name each site once; rates are below 1.',
      );
    }
    const name = `keep:${site}`;
    sites.push({ site, name, shape, dtype: 'bool', threshold });
    return recorder.input(name, shape, 'bool');
  };
}

/**
 * Records a model's loss, sums and the gradient of every parameter that learns; for one that is frozen nothing is computed, nor what only
 * it would need (with the lower layers frozen, the backward pass ends at the first layer that learns). Throws EngineError
 * `unknown_operation` or `bad_dropout`.
 */
export function recordTraining(
  key: string,
  model: ModelFunction,
  inputs: readonly InputSpec[],
  parameters: readonly ParameterSpec[],
  dropout: boolean,
): Promise<Recording> {
  return trace(key, () => {
    const sites: Site[] = [];
    const keep = dropout ? siteKeeper(key, sites) : () => undefined;
    const x = symbolic(inputs);
    const outputs: Value[] = [];
    const sums = new Map<string, string>();
    const gradients = new Map<string, string>();
    const p = Object.fromEntries(parameters.map(({ name, shape }) => [name, recorder.input(name, shape)]));
    const learning = parameters.filter(learns);
    const grads = gradientsOf(
      () => {
        const result = model(p, x, keep);
        for (const [label, tensor] of Object.entries(result.sums)) {
          const name = recorder.name(tensor);
          if (!outputs.some((output) => output.name === name)) outputs.push({ name, shape: [], dtype: 'float32' });
          sums.set(label, name);
        }
        return result.loss;
      },
      learning.map(({ name }) => p[name]),
    );
    const rowParts: RowPart[] = [];
    const withoutDense: string[] = [];
    learning.forEach((parameter, i) => {
      const grad = grads[i];
      const entry = grad && recorder.entry(grad);
      if (!grad || !entry || !recorder.isDense(entry)) withoutDense.push(parameter.name);
      else {
        const name = recorder.name(grad);
        gradients.set(name, parameter.name);
        outputs.push({ name, shape: entry.dims ?? parameter.shape, dtype: 'float32' });
      }
      for (const rows of entry?.rows ?? []) rowParts.push({ ...rows, parameter: parameter.name });
    });
    for (const { node, n, width } of rowParts) {
      if (!outputs.some((output) => output.name === node))
        outputs.push({ name: node, shape: [n, width], dtype: 'float32' });
    }
    return { graph: recorder.graph(outputs), sums, gradients, rowParts, withoutDense, sites };
  });
}

/** Records a model's outputs. Throws EngineError `unknown_operation`. */
export function recordForward(
  key: string,
  model: ForwardFunction,
  inputs: readonly InputSpec[],
  parameters: readonly ParameterSpec[],
): Promise<ForwardRecording> {
  return trace(key, () => {
    const p = Object.fromEntries(parameters.map(({ name, shape }) => [name, recorder.input(name, shape)]));
    const results = Object.entries(model(p, symbolic(inputs)));
    const outputs = new Map(
      results.map(([label, tensor]) => [
        label,
        { name: recorder.name(tensor), shape: tensor.shape, dtype: 'float32' as const },
      ]),
    );
    const distinct = new Map([...outputs.values()].map((value) => [value.name, value]));
    return { graph: recorder.graph([...distinct.values()]), outputs };
  });
}
