import { type Tensor, tf } from '../tf.js';

type Named = Record<string, Tensor>;
type Attributes = Record<string, number | boolean | string | number[]>;

/** Runs a backend's kernel by name. The result is one tensor, or a list where the kernel has several outputs. */
export function run<T extends Tensor | Tensor[] = Tensor>(name: string, inputs: Named, attributes: Attributes = {}): T {
  return tf.engine().runKernel(name, inputs, attributes) as T;
}

/** Whether the active backend has its own kernel of a fused operation; if not, the operation runs as its composition. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;

/**
 * A fused operation: the backend's kernel where there is one (then tfjs's autodiff finds the gradient registered under that name), else the
 * composition of plain tfjs operations, which tfjs differentiates itself and which is therefore an independent reference.
 */
export function fused<A extends Attributes>(
  name: string,
  composed: (inputs: Named, attributes: A) => Tensor,
): (inputs: Named, attributes: A) => Tensor {
  return (inputs, attributes) => (hasKernel(name) ? run(name, inputs, attributes) : composed(inputs, attributes));
}

/**
 * Registers a fused operation's gradient. `saved` holds the inputs named in `inputsToSave` and, where `keepOutput`, the output as `y`.
 * All results are computed in the body, not in the lambdas that tfjs asks for: it runs each of those in a tidy of its own, which would dispose
 * what they share. Unread ones leave the graph again as unread nodes.
 */
export function gradient<A extends Attributes>(
  kernelName: string,
  inputsToSave: string[],
  gradients: (dy: Tensor, saved: Named, attributes: A) => Named,
  { keepOutput = false } = {},
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave,
    outputsToSave: [keepOutput],
    gradFunc: (dy, saved, attributes) => {
      const named = Object.fromEntries([...inputsToSave, 'y'].map((name, i) => [name, saved[i]]));
      const results = gradients(dy as Tensor, named, attributes as unknown as A);
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, () => tensor]));
    },
  });
}
