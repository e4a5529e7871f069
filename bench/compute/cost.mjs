/**
 * Floating-point operations of the matrix products of a pretraining step, forward and backward (an addition and a multiplication count as two), as
 * our model does them: in the last layer only the rows that a head reads ask and pass the row-wise half. The gradient of a product is two products.
 */
export function pretrainingFlops({ config, shape }) {
  const { hiddenSize: D, intermediateSize: I, numHiddenLayers: L, vocabSize: V } = config;
  const { batch, length: T, slots } = shape;
  const all = batch * T;
  const read = batch * (slots + 1);
  const layer = (asked) => {
    const projections = 2 * (2 * all * D * D) + 2 * asked * D * D;
    const attention = 2 * (2 * asked * T * D);
    const rowWise = 2 * asked * D * D + 2 * (2 * asked * D * I);
    return projections + attention + rowWise;
  };
  const heads = batch * slots * (2 * D * D + 2 * D * V) + batch * (2 * D * D + 2 * D * 2);
  return 3 * ((L - 1) * layer(all) + layer(read) + heads);
}

/**
 * Bytes of memory that the step has to touch at least: weights, gradients and both moments (read and written as AdamW and the products do), and the
 * activations that are kept for the gradient, written and read once.
 */
export function pretrainingBytes({ config, shape }, parameters) {
  const { hiddenSize: D, intermediateSize: I, numHiddenLayers: L, numAttentionHeads: H, vocabSize: V } = config;
  const { batch, length: T, slots } = shape;
  const all = batch * T;
  const activations = L * all * (8 * D + 2 * I + 2 * H * T) + batch * slots * V;
  return 4 * (10 * parameters + 2 * activations);
}
