import type { Pass } from '../graph.js';

/** Leaves out what no output needs: nodes (the recorder emits gradients that nobody asks for), constants and inputs. */
export const dropUnread: Pass = (graph) => {
  const live = new Set(graph.outputs.map((output) => output.name));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      const read = node.outputs.some((output) => live.has(output));
      if (read) for (const input of node.inputs) live.add(input);
      return read;
    })
    .toReversed();
  return {
    nodes,
    constants: graph.constants.filter((constant) => live.has(constant.name)),
    inputs: graph.inputs.filter((input) => live.has(input.name)),
    outputs: graph.outputs,
  };
};
