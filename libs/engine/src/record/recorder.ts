import type { Attribute, Constant, ElementType, Graph, GraphNode, Value } from '../compile/graph.js';
import { elements } from '../memory/layout.js';
import { type Tensor, tf } from '../tf.js';

/** What a tensor of the recorder, or a TensorInfo of one of its kernels, is known by. */
export type Info = Pick<tf.TensorInfo, 'dataId' | 'shape' | 'dtype'>;

/** Rows to be added to a table: table[ids[r]] += node[r]. */
export interface Rows {
  /** ONNX names of the row numbers (int32, [n]) and of the rows ([n, width]). */
  ids: string;
  node: string;
  n: number;
  width: number;
}

/** A product that is still to be summed with others: left^T right, or without `left` the column sums of right; left [n, a], right [n, b]. */
export interface Product {
  left?: string;
  right: string;
  n: number;
}

/** What stands behind a dataId. */
interface Entry {
  shape: number[];
  dtype: string;
  /** ONNX name of the value; undefined where there is no dense part (yet). */
  node?: string;
  /** Pending factor: the true value is k · node. A Gemm reads it into alpha, so a scale costs no pass over the data. */
  k: number;
  /** Parts of a table's gradient that are rows. */
  rows: Rows[];
  /** Products of a dense part that is not made yet: those of all steps become one. */
  products: Product[];
  /** What a forward kernel leaves for its gradient's kernel. */
  aux: Record<string, unknown>;
  /** Values of a constant. */
  values?: ArrayLike<number>;
  /** The shape under which the graph has the value, where it differs from the tensor's (a bias gradient is [1, n] there). */
  dims?: number[];
}

type OpOptions = { domain?: string; fold?: boolean };
type Attributes = Record<string, Attribute>;

/**
 * A tfjs backend that computes nothing: its kernels append typed nodes. tfjs's own autodiff runs over it, so that a model's forward part and
 * gradient become one graph.
 */
class Recorder extends tf.KernelBackend {
  nodes: GraphNode[] = [];
  constants: Constant[] = [];
  inputs: Value[] = [];
  private data = new tf.DataStorage<Entry>(this, tf.engine());
  private producers = new Map<string, GraphNode>();
  private readNames = new Set<string>();
  private memo = new Map<string, string>();
  private serial = 0;

  /** Forgets the last recording. */
  reset(): void {
    this.nodes = [];
    this.constants = [];
    this.inputs = [];
    this.producers = new Map();
    this.readNames = new Set();
    this.memo = new Map();
    this.serial = 0;
  }

  // ---- what tfjs asks of a backend
  override numDataIds(): number {
    return this.data.numDataIds();
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override incRef(): void {}
  decRef(): void {}
  override refCount(): number {
    return 1;
  }
  override disposeData(): boolean {
    return false;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype);
    return dataId;
  }
  override move(dataId: object, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.data.set(dataId, { values: values as ArrayLike<number>, shape, dtype, k: 1, rows: [], products: [], aux: {} });
  }
  override readSync(dataId: object): tf.BackendValues {
    const { values } = this.data.get(dataId);
    if (!values) throw new Error('a recorded value has no data: a model must not look at numbers');
    return values as tf.BackendValues;
  }
  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  // ---- values
  entry(t: Info): Entry {
    return this.data.get(t.dataId);
  }

  /** A kernel's result: a TensorInfo behind which stands a new entry. */
  result(
    shape: number[],
    node: string | undefined,
    more: Partial<Entry> = {},
    dtype: tf.DataType = 'float32',
  ): tf.TensorInfo {
    const dataId = {};
    this.data.set(dataId, { node, shape, dtype, k: 1, rows: [], products: [], aux: {}, ...more });
    return { dataId, shape, dtype };
  }

  /** A symbolic tensor that the graph is given. */
  input(name: string, shape: number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): Tensor {
    this.inputs.push({ name, shape, dtype });
    const { dataId } = this.result(shape, name, {}, dtype);
    return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
  }

  /** Whether a table's gradient has a part that is not rows. */
  isDense({ node, values, products }: Entry): boolean {
    return node !== undefined || values !== undefined || products.length > 0;
  }

  /** ONNX name of a tensor's value without its pending factor. */
  raw(t: Info): string {
    const entry = this.entry(t);
    if (entry.node === undefined && entry.products.length > 0) {
      entry.node = this.summed(entry.products, t.shape[0]);
      entry.products = [];
    }
    if (entry.node === undefined) {
      if (!entry.values) throw new Error('the gradient of a table that is made of rows has no dense value');
      entry.node =
        entry.dtype === 'float32'
          ? this.constant(Float32Array.from(entry.values), t.shape, 'float32')
          : this.constant(Int32Array.from(entry.values), t.shape, 'int32');
    }
    return entry.node;
  }

  /** ONNX name of a tensor's true value. */
  name(t: Info): string {
    const entry = this.entry(t);
    const raw = this.raw(t);
    if (Math.abs(entry.k - 1) < 1e-9) return raw;
    entry.node = this.op('Mul', [raw, this.scalar(entry.k)]);
    entry.k = 1;
    return entry.node;
  }

  /** Moves factor f into the Gemm that made t, if nobody has read it yet: alpha and beta are free, a Mul is a pass. */
  rescale(t: Info, f: number): void {
    const entry = this.entry(t);
    if (entry.node === undefined || this.readNames.has(entry.node)) return;
    const producer = this.producers.get(entry.node);
    if (producer?.type !== 'Gemm') return;
    for (const scale of ['alpha', 'beta']) {
      const present = producer.attributes[scale] as { f: number } | undefined;
      producer.attributes[scale] = { f: (present?.f ?? 1) * f };
    }
    entry.k /= f;
  }

  // ---- nodes
  op(type: string, inputs: string[], attributes: Attributes = {}, options: OpOptions = {}): string {
    return this.ops(type, inputs, attributes, 1, options)[0];
  }

  /** A node with several outputs. */
  ops(type: string, inputs: string[], attributes: Attributes, count: number, options: OpOptions = {}): string[] {
    const outputs = Array.from({ length: count }, () => `t${this.serial++}`);
    const node: GraphNode = {
      type,
      inputs,
      outputs,
      attributes,
      domain: options.domain ?? '',
      fold: options.fold ?? false,
    };
    this.nodes.push(node);
    for (const input of inputs) this.readNames.add(input);
    for (const output of outputs) this.producers.set(output, node);
    return outputs;
  }

  /** The name made under this key before, or a new one. */
  once(key: string, make: () => string): string {
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.memo.set(key, made);
    return made;
  }

  constant(values: Constant['values'], shape: number[], dtype: ElementType): string {
    const name = `c${this.serial++}`;
    this.constants.push({ name, values, shape, dtype });
    return name;
  }
  scalar(x: number): string {
    return this.fill(x, []);
  }
  fill(x: number, shape: number[]): string {
    const make = () => this.constant(new Float32Array(elements(shape)).fill(x), shape, 'float32');
    return this.once(`fill ${x} ${shape}`, make);
  }
  ints(values: number[]): string {
    const make = () => this.constant(BigInt64Array.from(values.map(BigInt)), [values.length], 'int64');
    return this.once(`ints ${values}`, make);
  }
  reshape(x: string, shape: number[]): string {
    return this.op('Reshape', [x, this.ints(shape)]);
  }
  /** x^T [n, rows] of x [rows, n], once an activation. As a 3-D Transpose: onnxruntime fuses a 2-D one back into the Gemm as transA, which is 15–20 % slower. */
  transposed(x: string, rows: number, n: number): string {
    return this.once(`transposed ${x}`, () =>
      this.reshape(this.op('Transpose', [this.reshape(x, [1, rows, n])], { perm: [0, 2, 1] }), [n, rows]),
    );
  }
  /** onnxruntime's matrix product with transposes of the last two axes and of the batch axes (transBatch: [t, b, h, d] read as [b, h, t, d]). */
  matmul(a: string, b: string, attributes: Attributes = {}, fold = false): string {
    return this.op('FusedMatMul', [a, b], { alpha: { f: 1 }, ...attributes }, { domain: 'com.microsoft', fold });
  }

  /** The sum of products as one product over the rows of all: [width, b], or [1, b] for column sums. */
  private summed(products: readonly Product[], width: number): string {
    const n = products.reduce((sum, product) => sum + product.n, 0);
    const joined = (names: string[]) =>
      names.length === 1 ? names[0] : this.once(`joined ${names}`, () => this.op('Concat', names, { axis: 0 }));
    const right = joined(products.map((product) => product.right));
    const left = products.flatMap((product) => product.left ?? []);
    if (left.length === 0) return this.op('MatMul', [this.fill(1, [1, n]), right], {}, { fold: true });
    return this.op('Gemm', [this.transposed(joined(left), n, width), right], {}, { fold: true });
  }

  graph(outputs: Value[]): Graph {
    return { nodes: this.nodes, constants: this.constants, inputs: this.inputs, outputs };
  }
}

export const BACKEND = 'record';
export const recorder = new Recorder();
tf.registerBackend(BACKEND, () => recorder);

/**
 * The same value as a kernel's result. It must be a fresh TensorInfo and never the input tensor itself: tfjs tapes input and output of a clone,
 * and under one id a gradient would count twice, silently.
 */
export const alias = (t: Info): tf.TensorInfo => ({ dataId: t.dataId, shape: t.shape, dtype: t.dtype });

type Inputs = Record<string, tf.TensorInfo>;

/** Registers the recorder's kernel of a tfjs operation. */
export function kernel<A = Record<string, never>>(
  kernelName: string,
  kernelFunc: (inputs: Inputs, attributes: A) => tf.TensorInfo | tf.TensorInfo[],
): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs }) => kernelFunc(inputs as Inputs, (attrs ?? {}) as A),
  });
}
