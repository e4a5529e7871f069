// GFLOP/s of matrix products with onnxruntime, a line of input a round: gemm.mjs SHAPES, JSON of [m, k, n]. Started by run.mjs.
import readline from 'node:readline';
import { createEngine, ParameterSpace } from '@regatta/engine';
import { linear } from '@regatta/engine/ops';

const engine = createEngine('compiled', { threads: 1 });
const products = [];
for (const [m, k, n] of JSON.parse(process.argv[2])) {
  const parameters = [
    { name: 'w', shape: [k, n], decay: false, init: 'normal' },
    { name: 'b', shape: [n], decay: false, init: 'zeros' },
  ];
  const space = new ParameterSpace(parameters, {
    scratchBytes: 4 * (m * k + m * n) + 2 ** 20,
    partials: 0,
    scalars: 0,
  });
  space.initialize(1, 0.1);
  const program = await engine.compileForward({
    key: `product ${m}x${k}x${n}`,
    model: (p, x) => ({ y: linear(x.x, p.w, p.b) }),
    inputs: [{ name: 'x', shape: [m, k], dtype: 'float32' }],
    space,
  });
  program.inputs.x.fill(0.5);
  products.push({ flops: 2 * m * k * n, program });
}
console.log('ready');
for await (const _ of readline.createInterface({ input: process.stdin })) {
  let best = 0;
  for (const { flops, program } of products) {
    const start = performance.now();
    await program.run();
    best = Math.max(best, (flops * 1e-6) / (performance.now() - start));
  }
  console.log(JSON.stringify({ onnxruntime: best }));
}
