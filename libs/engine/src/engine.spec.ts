import { describe, expect, it } from '@jest/globals';
import { createEngine, engineProblem, type InputSpec, type ModelFunction, ParameterSpace } from './index.js';
import { dropout, linear } from './ops/index.js';
import { tf } from './tf.js';

const space = () => {
  const made = new ParameterSpace(
    [
      { name: 'w', shape: [5, 1], decay: true, init: 'normal' },
      { name: 'b', shape: [1], decay: false, init: 'zeros' },
      { name: 'unused', shape: [3], decay: false, init: 'zeros' },
    ],
    { scratchBytes: 4096, partials: 0, scalars: 0 },
  );
  made.initialize(1, 1);
  return made;
};
const inputs: InputSpec[] = [{ name: 'x', shape: [1, 5], dtype: 'float32' }];
const plain: ModelFunction = ({ w, b }, { x }) => {
  const loss = tf.reshape(linear(x, w, b), []);
  return { loss, sums: { loss } };
};
const dropped: ModelFunction = ({ w, b }, { x }, keep) => {
  const loss = tf.reshape(linear(dropout(x, keep('x', [1, 5], 0.5), 0.5), w, b), []);
  return { loss, sums: { loss } };
};
const place = { seed: 1, step: 1, shard: 0, micro: 0 };

describe('createEngine', () => {
  it.each(['compiled', 'cpu', 'wasm'] as const)('makes %s everywhere', async (kind) => {
    expect(createEngine(kind).kind).toBe(kind);
    expect(await engineProblem(kind)).toBeNull();
  });

  it.each(['tfjs-node', 'tfjs-node-gpu', 'compiled:cuda', 'compiled:webgpu'] as const)(
    'makes %s, or says that this machine lacks it and what to do',
    async (kind) => {
      expect(createEngine(kind).kind).toBe(kind);
      const problem = await engineProblem(kind);
      if (problem !== null) expect(problem).toMatch(/cannot be had here: .*docs\/gpu\.md.*the engine "compiled"\.$/);
    },
  );

  it('has fingerprints that tell engines and threads apart', () => {
    const fingerprints = [
      createEngine('compiled').fingerprint(),
      createEngine('compiled', { threads: 2 }).fingerprint(),
      createEngine('cpu').fingerprint(),
      createEngine('wasm').fingerprint(),
    ];
    expect(new Set(fingerprints).size).toBe(4);
    expect(createEngine('compiled').fingerprint()).toBe(fingerprints[0]);
    expect(fingerprints[0]).toMatch(/^compiled onnxruntime-node-\d+\.\d+\.\d+ \S+ \S+ node-\d+ threads-1$/);
  });
});

describe('a program', () => {
  it('names an operation that the compiled engine does not know, and the line that uses it', async () => {
    const model: ModelFunction = ({ w }) => {
      const loss = tf.reshape(tf.cumsum(w, 0, true), [5]) as never;
      return { loss, sums: {} };
    };
    const compiling = createEngine('compiled').compile({
      key: 'odd model',
      model,
      inputs,
      space: space(),
      dropout: true,
    });
    await expect(compiling).rejects.toThrow(
      /^odd model: the compiled engine does not know the operation Cumsum, used at .*engine\.spec\.ts:\d+:\d+\./,
    );
  });

  it.each([
    ['twice', 0.5, ['x', 'x']],
    ['at rate 1', 1, ['x']],
  ])('refuses a dropout site asked for %s', async (_, rate, sites) => {
    const model: ModelFunction = (p, { x }, keep) => {
      const y = sites.reduce((z, site) => dropout(z, keep(site as string, [1, 5], rate as number), rate as number), x);
      return plain(p, { x: y }, keep);
    };
    const compiling = createEngine('compiled').compile({ key: 'k', model, inputs, space: space(), dropout: true });
    await expect(compiling).rejects.toMatchObject({ code: 'bad_dropout' });
  });

  it.each(['compiled', 'cpu'] as const)(
    'of the %s engine gives a parameter that the loss does not read the gradient 0',
    async (kind) => {
      const parameters = space();
      const program = await createEngine(kind).compile({
        key: 'k',
        model: plain,
        inputs,
        space: parameters,
        dropout: true,
      });
      program.inputs.x.set([1, 2, 3, 4, 5]);
      parameters.g.fill(7);
      await program.run(place);
      expect(Array.from(parameters.view('g', 'unused'))).toEqual([0, 0, 0]);
      expect(Array.from(parameters.view('g', 'w'))).toEqual([1, 2, 3, 4, 5]);
      expect(Array.from(parameters.view('g', 'b'))).toEqual([1]);
      await program.dispose();
    },
  );

  it('draws other masks for another place, the same for the same, and none without dropout', async () => {
    const parameters = space();
    const engine = createEngine('compiled');
    const program = await engine.compile({ key: 'k', model: dropped, inputs, space: parameters, dropout: true });
    program.inputs.x.set([1, 20, 300, 4000, 50000]);
    const masks = new Map<string, string>();
    for (const change of [{}, { seed: 2 }, { step: 2 }, { shard: 1 }, { micro: 1 }, {}]) {
      await program.run({ ...place, ...change });
      masks.set(JSON.stringify(change), String(parameters.view('g', 'w')));
    }
    expect(new Set(masks.values()).size).toBeGreaterThanOrEqual(4);
    await program.run(place);
    expect(String(parameters.view('g', 'w'))).toBe(masks.get('{}'));
    const evaluated = await engine.compile({ key: 'k', model: dropped, inputs, space: parameters, dropout: false });
    evaluated.inputs.x.set([1, 20, 300, 4000, 50000]);
    await evaluated.run(place);
    expect(Array.from(parameters.view('g', 'w'))).toEqual([1, 20, 300, 4000, 50000]);
  });

  it('refuses to run beside another over the same space, and one that needs more scratch than there is', async () => {
    const parameters = space();
    const engine = createEngine('compiled');
    const options = { key: 'k', model: plain, inputs, space: parameters, dropout: true };
    const [first, second] = [await engine.compile(options), await engine.compile(options)];
    const running = first.run(place);
    await expect(second.run(place)).rejects.toMatchObject({ code: 'space_busy' });
    await running;
    await second.run(place);
    const large: InputSpec[] = [...inputs, { name: 'y', shape: [5000], dtype: 'float32' }];
    await expect(engine.compile({ ...options, inputs: large })).rejects.toMatchObject({ code: 'scratch_too_small' });
  });
});
