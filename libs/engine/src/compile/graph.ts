/** The typed nodes between the recorder and ONNX. */

/** Element types; bool masks travel as uint8. */
export type ElementType = 'float32' | 'bool' | 'int32' | 'int64';

/** A float attribute is {f}, an integer a number, a list of integers an array. */
export type Attribute = number | number[] | { f: number };

export interface GraphNode {
  type: string;
  /** '' is ONNX's own operator set. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
  /** A 2-D matrix product that may take an addend (Gemm's C). */
  fold: boolean;
}

export interface Value {
  name: string;
  shape: number[];
  dtype: ElementType;
}

export interface Constant extends Value {
  values: Float32Array | Int32Array | BigInt64Array;
}

export interface Graph {
  nodes: GraphNode[];
  constants: Constant[];
  inputs: Value[];
  outputs: Value[];
}

/** From graph to graph, same outputs. */
export type Pass = (graph: Graph) => Graph;
