import type { ParameterSpace } from '../../memory/space.js';
import { recordForward } from '../../record/record.js';
import type { ForwardFunction, InputSpec } from '../../types.js';
import type { Constant, ElementType, Graph, GraphNode, Value } from '../graph.js';
import { toOnnx } from '../onnx.js';
import { dropUnread } from '../passes/drop-unread.js';
import { foldAdds } from '../passes/fold-adds.js';
import { graphForAllSizes, SizedConstants } from './sized-graph.js';
import { recordingSizes, type SizeSum, type Sizes } from './sizes.js';
import { standardOps } from './standard-ops.js';

/** An input of the file. It is cast and reshaped to what the model's input `feeds` is. */
export interface OnnxInput {
  name: string;
  feeds: string;
  dtype: 'int64' | 'float32';
  /** Sizes by name, or fixed dimensions. */
  dims: (string | number)[];
}

export interface ExportOptions {
  /** Of the graph, for people. */
  name: string;
  /** The model at some sizes. Only shapes, row numbers and fills may hang on them. */
  at(sizes: Sizes): { inputs: InputSpec[]; model: ForwardFunction };
  /** Dimensions that stay free, at most three; each is one of some input's. */
  sizes: string[];
  inputs: OnnxInput[];
  /** The name of a model's output in the file; those without one are left out with all that only they need. */
  outputs(name: string): string | undefined;
  /** Whose weights the file gets. */
  space: ParameterSpace;
}

/** ONNX's numbers of element types. */
const ELEMENT = { float32: 1, int32: 6 } as const;
const PASSES = [dropUnread, foldAdds, dropUnread, standardOps];

/**
 * A model as an ONNX file for any runtime: its own operator set where the recorder has it so, weights inside as initializers, free sizes.
 *
 * @throws EngineError `shape_dependent` or `shape_not_linear` where the graph of one size is not that of another
 */
export async function exportOnnx(options: ExportOptions): Promise<Uint8Array> {
  const { name, at, sizes: names, inputs, outputs, space } = options;
  const recordings: { graph: Graph; results: Value[]; labels: string[]; specs: InputSpec[] }[] = [];
  for (const sizes of recordingSizes(names)) {
    const { inputs: specs, model } = at(sizes);
    const recorded = await recordForward(name, renamed(model, outputs), specs, space.parameters);
    const graph = PASSES.reduce((g, pass) => pass(g), recorded.graph);
    recordings.push({
      graph,
      results: [...recorded.outputs.values()],
      labels: [...recorded.outputs.keys()],
      specs,
    });
  }
  const [{ graph: first, results, labels, specs }] = recordings;
  const sized = new SizedConstants(
    names,
    inputs.map(({ name: input, dims }) => ({ name: input, dims: dims.map(String) })),
  );
  // given inputs under names of their own, so that the file's may be called as the model's
  const given = new Map<string, string>();
  const read = new Set(first.inputs.map((input) => input.name));
  for (const input of inputs.filter(({ feeds }) => read.has(feeds))) {
    const at = specs.findIndex((spec) => spec.name === input.feeds);
    const shape = specs[at].shape.map((_, axis) => sized.fit(recordings.map((r) => r.specs[at].shape[axis])));
    given.set(input.feeds, feed(sized, input, specs[at].dtype, shape));
  }
  const whole = graphForAllSizes(
    recordings.map(({ graph }) => graph),
    sized,
    names,
    given,
  );
  const named = labels.map((label, i): GraphNode => {
    return { type: 'Identity', domain: '', inputs: [results[i].name], outputs: [label], attributes: {}, fold: false };
  });
  const dimensions = results.map(({ shape }, i) =>
    shape.map((_, axis) => dimension(sized.fit(recordings.map((r) => r.results[i].shape[axis])))),
  );
  return toOnnx(name, {
    nodes: [...whole.nodes, ...named],
    constants: [...whole.constants, ...weights(space, read)],
    inputs: inputs.map(({ name: input, dtype, dims }) => ({ name: input, dtype, shape: dims })),
    outputs: labels.map((label, i) => ({ name: label, dtype: 'float32', shape: dimensions[i] })),
  });
}

/** A model with some of its outputs; what only the others need leaves its graph. */
export const pick =
  (model: ForwardFunction, outputs: readonly string[]): ForwardFunction =>
  (p, x) => {
    const results = model(p, x);
    return Object.fromEntries(outputs.map((label) => [label, results[label]]));
  };

const renamed =
  (model: ForwardFunction, nameOf: ExportOptions['outputs']): ForwardFunction =>
  (p, x) => {
    const named = Object.entries(model(p, x)).map(([name, tensor]) => [nameOf(name), tensor] as const);
    return Object.fromEntries(named.filter(([name]) => name !== undefined));
  };

function feed(sized: SizedConstants, input: OnnxInput, dtype: 'float32' | 'int32', shape: SizeSum[]): string {
  const cast = input.dtype === dtype ? input.name : sized.op('Cast', [input.name], { to: ELEMENT[dtype] });
  if (String(shape.map(dimension)) === String(input.dims)) return cast;
  return sized.op('Reshape', [cast, shape.length === 1 ? sized.ints([-1]) : sized.vector(shape)]);
}

function weights(space: ParameterSpace, read: ReadonlySet<string>): Constant[] {
  const parameters = space.parameters.filter((parameter) => read.has(parameter.name));
  const dtype: ElementType = 'float32';
  return parameters.map(({ name, shape }) => ({ name, shape, dtype, values: space.view('w', name) }));
}

/** A dimension of the file's outputs: a number, or what it is called by. */
function dimension(sum: SizeSum): number | string {
  if (sum.length === 0) return 0;
  if (sum.every(({ sizes }) => sizes.length === 0)) return sum[0].coefficient;
  const factor = (coefficient: number) => (coefficient === 1 ? [] : [coefficient]);
  return sum.map(({ sizes, coefficient }) => [...factor(coefficient), ...sizes].join('*')).join(' + ');
}
