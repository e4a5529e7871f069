import { EngineError } from '../../errors.js';
import type { Constant, Graph, GraphNode } from '../graph.js';
import { evaluate, fitSizes, recordingSizes, type SizeSum } from './sizes.js';

/** A file's input that tells sizes: axis k of it has the size `dims[k]`. */
export interface SizedInput {
  name: string;
  dims: string[];
}

const isConstant = (sum: SizeSum): boolean => sum.every(({ sizes }) => sizes.length === 0);

/** Makes the constants of a graph that hang on sizes out of its inputs' shapes, in nodes that stand before the graph's own. */
export class SizedConstants {
  readonly nodes: GraphNode[] = [];
  readonly constants: Constant[] = [];
  private readonly made = new Map<string, string>();

  constructor(
    private readonly names: readonly string[],
    private readonly inputs: readonly SizedInput[],
  ) {}

  fit(values: readonly number[]): SizeSum {
    return fitSizes(this.names, values);
  }

  op(type: string, inputs: string[], attributes: GraphNode['attributes'] = {}, output?: string): string {
    const name = output ?? `size/${this.nodes.length}`;
    this.nodes.push({ type, domain: '', inputs, outputs: [name], attributes, fold: false });
    return name;
  }

  /** int64 [values.length]. */
  ints(values: number[], shape = [values.length]): string {
    return this.once(`ints ${values} of ${shape}`, () => {
      const name = `size/c${this.constants.length}`;
      this.constants.push({ name, shape, dtype: 'int64', values: BigInt64Array.from(values, BigInt) });
      return name;
    });
  }

  /** Dimensions as int64 [dimensions.length]. */
  vector(dimensions: readonly SizeSum[]): string {
    const parts = dimensions.map((sum) => this.value(sum));
    return parts.length === 1 ? parts[0] : this.once(`vector ${parts}`, () => this.op('Concat', parts, { axis: 0 }));
  }

  /** One dimension as int64 [1]. */
  value(sum: SizeSum): string {
    if (isConstant(sum)) return this.ints([sum[0]?.coefficient ?? 0]);
    return sum
      .map(({ sizes, coefficient }) => {
        const factors = [
          ...sizes.map((size) => this.size(size)),
          ...(coefficient === 1 ? [] : [this.ints([coefficient])]),
        ];
        return factors.length === 0
          ? this.ints([1])
          : factors.reduce((a, b) => this.once(`${a} times ${b}`, () => this.op('Mul', [a, b])));
      })
      .reduce((a, b) => this.once(`${a} plus ${b}`, () => this.op('Add', [a, b])));
  }

  /** 0, 1, … of `length` rows, each ⌊row / divisor⌋ mod modulus: int32. */
  rows(length: SizeSum, divisor: SizeSum, modulus: SizeSum): string {
    const [start, limit, delta] = [this.ints([0], []), this.op('Squeeze', [this.value(length)]), this.ints([1], [])];
    const range = this.op('Range', [start, limit, delta]);
    const remainder = this.op('Mod', [this.op('Div', [range, this.value(divisor)]), this.value(modulus)]);
    return this.op('Cast', [remainder], { to: 6 });
  }

  private size(name: string): string {
    return this.once(`size ${name}`, () => {
      const input = this.inputs.find(({ dims }) => dims.includes(name));
      if (!input) throw new RangeError(`no input has the size ${name}`);
      const axis = input.dims.indexOf(name);
      const shape = this.once(`shape ${input.name}`, () => this.op('Shape', [input.name]));
      return this.op('Gather', [shape, this.ints([axis])], { axis: 0 });
    });
  }

  private once(key: string, make: () => string): string {
    const name = this.made.get(key) ?? make();
    this.made.set(key, name);
    return name;
  }
}

/**
 * One graph for all sizes out of recordings at `recordingSizes(names)`, which differ in their constants only: shapes, row numbers and
 * constants that are filled with one number. `given`: what takes the place of the recorded inputs.
 *
 * @throws EngineError `shape_dependent` where they differ otherwise
 */
export function graphForAllSizes(
  recordings: readonly Graph[],
  sized: SizedConstants,
  names: readonly string[],
  given: ReadonlyMap<string, string>,
): Graph {
  const [graph, ...others] = recordings;
  const structure = ({ nodes }: Graph) => JSON.stringify(nodes);
  const known = structure(graph);
  if (others.some((other) => structure(other) !== known)) {
    throw new EngineError(
      'shape_dependent',
      'The graph has other operations at other sizes.',
      'Export with fixed sizes, or write the model without branches on sizes.',
    );
  }
  const constants: Constant[] = [];
  const renamed = new Map(given);
  graph.constants.forEach((constant, i) => {
    const versions = recordings.map((recording) => recording.constants[i]);
    if (versions.every((version) => sameConstant(version, constant))) constants.push(constant);
    else renamed.set(constant.name, sizedConstant(versions, graph, sized, names));
  });
  const rename = (name: string) => renamed.get(name) ?? name;
  return {
    ...graph,
    constants: [...constants, ...sized.constants],
    nodes: [...sized.nodes, ...graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename) }))],
  };
}

const sameConstant = (a: Constant, b: Constant): boolean =>
  String(a.shape) === String(b.shape) && a.values.every((value: number | bigint, i: number) => value === b.values[i]);

function sizedConstant(versions: Constant[], graph: Graph, sized: SizedConstants, names: readonly string[]): string {
  const [{ name, dtype, shape }] = versions;
  const dimensions = shape.map((_, axis) => sized.fit(versions.map((version) => version.shape[axis])));
  if (dtype === 'int64') {
    const numbers = versions.map(({ values }) => Array.from(values as BigInt64Array, Number));
    const entries = numbers[0].map((_, i) => sized.fit(numbers.map((values) => values[i])));
    const readers = graph.nodes.filter((node) => node.inputs.includes(name));
    const varying = entries.filter((entry) => !isConstant(entry));
    // a shape with one free dimension needs no arithmetic
    if (varying.length === 1 && readers.every(({ type }) => type === 'Reshape')) {
      return sized.ints(entries.map((entry) => (isConstant(entry) ? entry[0].coefficient : -1)));
    }
    return sized.vector(entries);
  }
  const [first] = versions[0].values;
  if (dtype === 'float32' && versions.every(({ values }) => (values as Float32Array).every((x) => x === first))) {
    const value = `size/fill ${name}`;
    sized.constants.push({ name: value, shape: [], dtype, values: Float32Array.of(first as number) });
    return sized.op('Expand', [value, sized.vector(dimensions)]);
  }
  const products: string[][] = [[]];
  for (const size of names) products.push(...products.map((product) => [...product, size]));
  for (const by of products) {
    for (const up of products) {
      const [divisor, modulus] = [by, up].map((sizes): SizeSum => [{ sizes, coefficient: 1 }]);
      const fits = recordingSizes(names).every((sizes, i) => {
        const [d, m] = [evaluate(divisor, sizes), evaluate(modulus, sizes)];
        return (versions[i].values as Int32Array).every((value, row) => value === Math.floor(row / d) % m);
      });
      if (fits && dtype === 'int32' && shape.length === 1) return sized.rows(dimensions[0], divisor, modulus);
    }
  }
  throw new EngineError(
    'shape_dependent',
    `A constant of shape [${shape}] hangs on ${names.join(', ')} in a way that cannot be written down.`,
    'Export with fixed sizes.',
  );
}
