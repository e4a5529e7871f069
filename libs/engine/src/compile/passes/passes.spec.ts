import { describe, expect, it } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import type { Graph, GraphNode, Value } from '../graph.js';
import { toOnnx } from '../onnx.js';
import { dropUnread } from './drop-unread.js';
import { foldAdds } from './fold-adds.js';

const node = (type: string, inputs: string[], outputs: string[], more: Partial<GraphNode> = {}): GraphNode => ({
  type,
  inputs,
  outputs,
  domain: '',
  attributes: {},
  fold: false,
  ...more,
});
const value = (name: string, shape: number[]): Value => ({ name, shape, dtype: 'float32' });
const types = (graph: Graph) => graph.nodes.map((n) => n.type);

async function evaluate(graph: Graph): Promise<number[][]> {
  const session = await ort.InferenceSession.create(toOnnx('test', graph), { graphOptimizationLevel: 'disabled' });
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }, k) => {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 10 * k));
      return [name, new ort.Tensor('float32', data, shape)];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return graph.outputs.map(({ name }) => Array.from(results[name].data as Float32Array));
}

describe('dropUnread', () => {
  it('keeps exactly what an output needs, in order', () => {
    const graph: Graph = {
      nodes: [
        node('Mul', ['x', 'c'], ['a']),
        node('Exp', ['y'], ['dead']),
        node('Mul', ['dead', 'd'], ['deader']),
        node('Split', ['a'], ['left', 'right']),
        node('Neg', ['right'], ['out']),
      ],
      constants: ['c', 'd'].map((name) => ({ ...value(name, []), values: new Float32Array(1) })),
      inputs: [value('x', [2]), value('y', [2])],
      outputs: [value('out', [1])],
    };
    const result = dropUnread(graph);
    expect(types(result)).toEqual(['Mul', 'Split', 'Neg']);
    expect(result.constants.map((c) => c.name)).toEqual(['c']);
    expect(result.inputs.map((i) => i.name)).toEqual(['x']);
  });
});

describe('foldAdds', () => {
  const inputs = [value('a', [3, 5]), value('b', [5, 7]), value('c', [3, 7]), value('d', [7, 5])];
  const outputs = [value('out', [3, 7])];
  const product = { fold: true, attributes: { alpha: { f: 0.5 } } };
  const transB = { fold: true, domain: 'com.microsoft', attributes: { transB: 1, alpha: { f: 2 } } };

  it('makes a chain of products and addends one Gemm each, with the same result', async () => {
    const graph: Graph = {
      constants: [],
      inputs,
      outputs,
      nodes: [
        node('Gemm', ['a', 'b'], ['p'], product),
        node('FusedMatMul', ['a', 'd'], ['q'], transB),
        node('Add', ['p', 'c'], ['s']),
        node('Add', ['s', 'q'], ['out']),
      ],
    };
    const folded = foldAdds(graph);
    expect(types(folded)).toEqual(['Gemm', 'Gemm']);
    expect(folded.nodes[1].inputs).toEqual(['a', 'd', 's']);
    const [[before], [after]] = [await evaluate(graph), await evaluate(folded)];
    after.forEach((x, i) => {
      expect(x).toBeCloseTo(before[i], 5);
    });
    expect(types(graph)).toContain('Add');
  });

  it('leaves a product alone that somebody else reads, that is an output, or that cannot take an addend', async () => {
    const readTwice: Graph = {
      constants: [],
      inputs,
      outputs,
      nodes: [
        node('Gemm', ['a', 'b'], ['p'], product),
        node('Add', ['p', 'c'], ['s']),
        node('Mul', ['s', 'p'], ['out']),
      ],
    };
    expect(foldAdds(readTwice)).toEqual(readTwice);
    const isOutput: Graph = { ...readTwice, outputs: [value('p', [3, 7]), value('s', [3, 7])] };
    expect(foldAdds(isOutput)).toEqual(isOutput);
    const biased: Graph = {
      ...readTwice,
      nodes: [node('Gemm', ['a', 'b', 'c'], ['p']), node('Add', ['p', 'c'], ['out'])],
    };
    expect(foldAdds(biased)).toEqual(biased);
  });
});
