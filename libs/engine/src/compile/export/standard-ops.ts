import type { GraphNode, Pass } from '../graph.js';

/** How onnxruntime's FusedMatMul reads a factor [time, batch, heads, d] with transBatch, or [batch, heads, time, d]; trans swaps the last two. */
function axes(transBatch: boolean, trans: boolean): number[] {
  const [i, j, row, column] = transBatch ? [1, 2, 0, 3] : [0, 1, 2, 3];
  return trans ? [i, j, column, row] : [i, j, row, column];
}

const isPlain = (perm: number[]): boolean => perm.every((axis, i) => axis === i);

/** Replaces attention's FusedMatMul, which is onnxruntime's own, by Transpose, MatMul and Mul: then any ONNX runtime knows the graph. */
export const standardOps: Pass = (graph) => {
  const constants = [...graph.constants];
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const { transBatchA, transBatchB, transA, transB, alpha } = node.attributes;
    const fourDimensional = transBatchA === 1 || transBatchB === 1;
    if (node.type !== 'FusedMatMul' || !fourDimensional) return [node];
    const [product] = node.outputs;
    const made: GraphNode[] = [];
    const emit = (type: string, inputs: string[], output: string, attributes: GraphNode['attributes'] = {}): string => {
      made.push({ type, domain: '', inputs, outputs: [output], attributes, fold: false });
      return output;
    };
    const factor = (i: number, perm: number[]) =>
      isPlain(perm) ? node.inputs[i] : emit('Transpose', [node.inputs[i]], `${product}/${'AB'[i]}`, { perm });
    const factors = [
      factor(0, axes(transBatchA === 1, transA === 1)),
      factor(1, axes(transBatchB === 1, transB === 1)),
    ];
    const { f: scale } = alpha as { f: number };
    if (scale === 1) emit('MatMul', factors, product);
    else {
      const name = `${product}/alpha`;
      constants.push({ name, shape: [], dtype: 'float32', values: Float32Array.of(scale) });
      emit('Mul', [emit('MatMul', factors, `${product}/product`), name], product);
    }
    return made;
  });
  return { ...graph, nodes, constants };
};
