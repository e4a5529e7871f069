import * as ort from 'onnxruntime-node';
import { EngineError } from '../errors.js';
import { elements } from '../memory/layout.js';
import { Scratch, type Values } from '../memory/scratch.js';
import type { ParameterSpace } from '../memory/space.js';
import type { InputSpec, Inputs } from '../types.js';
import type { Graph, Value } from './graph.js';
import { toOnnx } from './onnx.js';
import { dropUnread } from './passes/drop-unread.js';
import { foldAdds } from './passes/fold-adds.js';

/** In this order: an Add whose product only dead nodes read is folded too. */
const PASSES = [dropUnread, foldAdds, dropUnread];

/** What onnxruntime computes with; what a GPU's provider cannot, the processor does. */
export type Provider = 'cpu' | 'cuda' | 'webgpu';

export interface SessionOptions {
  /** onnxruntime's threads in one operator. */
  threads: number;
  provider: Provider;
}

/** A graph after its passes, as an onnxruntime session whose inputs and outputs lie in a parameter space. */
export class GraphSession {
  readonly inputs: Inputs = {};
  private readonly feeds: Record<string, ort.Tensor> = {};
  private readonly fetches: Record<string, ort.Tensor> = {};
  private readonly values = new Map<string, Values>();

  private constructor(
    private readonly session: ort.InferenceSession,
    readonly graph: Graph,
    readonly scratch: Scratch,
  ) {}

  /**
   * `inSpace` says which outputs are written straight into a view of the space; the rest get scratch.
   * Throws EngineError `engine_unavailable` where the machine lacks the provider.
   */
  static async create(
    key: string,
    recorded: Graph,
    space: ParameterSpace,
    given: readonly (InputSpec | Value)[],
    inSpace: ReadonlyMap<string, Float32Array>,
    { threads, provider }: SessionOptions,
  ): Promise<GraphSession> {
    const graph = PASSES.reduce((g, pass) => pass(g), recorded);
    const session = await openSession(provider, toOnnx(key, graph), threads);
    const self = new GraphSession(session, graph, new Scratch(space));
    const read = new Set(graph.inputs.map((input) => input.name));
    const parameters = new Set(space.parameters.map((p) => p.name));
    for (const { name, shape, dtype } of given) {
      const values = self.scratch.take(dtype as Exclude<Value['dtype'], 'int64'>, elements(shape));
      self.values.set(name, values);
      if (dtype !== 'bool') self.inputs[name] = values as Float32Array | Int32Array;
    }
    for (const input of graph.inputs.filter((i) => read.has(i.name))) {
      const values = parameters.has(input.name) ? space.view('w', input.name) : self.value(input.name);
      self.feeds[input.name] = tensorOver(input, values);
    }
    for (const output of graph.outputs) {
      const values = inSpace.get(output.name) ?? self.scratch.take('float32', elements(output.shape));
      self.values.set(output.name, values);
      self.fetches[output.name] = tensorOver(output, values);
    }
    return self;
  }

  /** A given value or an output, by its name in the graph. */
  value(name: string): Values {
    const values = this.values.get(name);
    if (!values) throw new RangeError(`the graph has no value ${name}`);
    return values;
  }

  async run(): Promise<void> {
    await this.session.run(this.feeds, this.fetches);
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

async function openSession(provider: Provider, onnx: Uint8Array, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(onnx, {
      executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
  } catch (error) {
    if (provider === 'cpu') throw error;
    throw new EngineError(
      'engine_unavailable',
      `onnxruntime's ${provider} provider cannot be had here: ${String((error as Error).message).split('\n')[0]}.`,
      'See docs/gpu.md for what it needs, or choose the engine "compiled".',
      { cause: error },
    );
  }
}

const tensorOver = ({ shape, dtype }: Value, values: Values): ort.Tensor =>
  new ort.Tensor(dtype === 'bool' ? 'uint8' : dtype, values as never, shape);
