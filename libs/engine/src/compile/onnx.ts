import onnxProto from 'onnx-proto';
import type { Attribute, ElementType, Graph, Value } from './graph.js';

const { onnx } = onnxProto;
const { DataType } = onnx.TensorProto;
const ELEMENT: Record<ElementType, number> = {
  float32: DataType.FLOAT,
  bool: DataType.UINT8,
  int32: DataType.INT32,
  int64: DataType.INT64,
};
/** ONNX IR 10 with operator set 21: LayerNormalization has its three outputs and Split its sizes as an input. */
const IR_VERSION = 10;
const OPSETS = [
  { domain: '', version: 21 },
  { domain: 'com.microsoft', version: 1 },
];

function attribute(name: string, value: Attribute) {
  const { AttributeType } = onnx.AttributeProto;
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value };
  if (typeof value === 'object') return { name, type: AttributeType.FLOAT, f: value.f };
  return { name, type: AttributeType.INT, i: value };
}

const dimension = (dim: number | string) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim });
const valueInfo = ({ name, shape, dtype }: Port) => ({
  name,
  type: { tensorType: { elemType: ELEMENT[dtype], shape: { dim: shape.map(dimension) } } },
});

/** An input or output; a dimension that is named is free. */
type Port = Omit<Value, 'shape'> & { shape: (number | string)[] };
type Model = Pick<Graph, 'nodes' | 'constants'> & { inputs: Port[]; outputs: Port[] };

/** Writes a graph as an ONNX model. */
export function toOnnx(name: string, { nodes, constants, inputs, outputs }: Model): Uint8Array {
  const initializer = constants.map(({ name, shape, dtype, values }) => ({
    name,
    dims: shape,
    dataType: ELEMENT[dtype],
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  }));
  const node = nodes.map((n) => ({
    name: n.outputs[0],
    opType: n.type,
    domain: n.domain,
    input: n.inputs,
    output: n.outputs,
    attribute: Object.entries(n.attributes).map(([key, value]) => attribute(key, value)),
  }));
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'regatta',
    opsetImport: OPSETS.filter(({ domain }) => nodes.some((n) => n.domain === domain)),
    graph: { name, input: inputs.map(valueInfo), output: outputs.map(valueInfo), initializer, node },
  });
  return onnx.ModelProto.encode(model).finish();
}
