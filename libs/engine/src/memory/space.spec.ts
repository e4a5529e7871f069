import { describe, expect, it } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import type { ParameterSpec } from './layout.js';
import { ParameterSpace } from './space.js';

const parameters: ParameterSpec[] = [
  { name: 'norm', shape: [19], decay: false, init: 'ones' },
  { name: 'stored', shape: [37, 5], decay: true, init: 'normal', layout: 'io' },
  { name: 'bias', shape: [5], decay: false, init: 'zeros' },
  { name: 'table', shape: [3, 7], decay: true, init: 'normal' },
];
const make = () => new ParameterSpace(parameters, { scratchBytes: 4096, partials: 2, scalars: 3 });
const noise = (site: string) => new RandomStream({ seed: 5, site });
const fill = (values: Float32Array, site: string, scale = 1) => {
  const stream = noise(site);
  values.forEach((_, i) => {
    values[i] = scale * stream.normal(i);
  });
};
const fillParameters = (space: ParameterSpace, site: string, scale = 1) => {
  for (const { name } of parameters) fill(space.view('g', name), `${site}.${name}`, scale);
};

describe('ParameterSpace', () => {
  it('lays decayed parameters out first, in 64-byte slots, with the scalars behind the gradient', () => {
    const space = make();
    expect(space.parameters.map((p) => p.name)).toEqual(['stored', 'table', 'norm', 'bias']);
    expect(space.total).toBe(192 + 32 + 32 + 16);
    expect(space.flatLength).toBe(space.total + 16);
    expect(space.g.length).toBe(space.flatLength);
    expect(space.scalars(space.partial(1)).byteOffset).toBe(space.partial(1).byteOffset + 4 * space.total);
    for (const { name } of parameters) expect(space.view('w', name).byteOffset % 64).toBe(0);
  });

  it('lays what is frozen out behind what learns, with weights alone', () => {
    const frozen = parameters.map((p) => (['norm', 'stored'].includes(p.name) ? { ...p, rateScale: 0 } : p));
    const space = new ParameterSpace(frozen, { scratchBytes: 0, partials: 1, scalars: 3 });
    expect(space.parameters.map((p) => p.name)).toEqual(['table', 'bias', 'stored', 'norm']);
    expect([space.total, space.learning, space.flatLength]).toEqual([192 + 32 + 32 + 16, 32 + 16, 32 + 16 + 16]);
    expect([space.g, space.m, space.v, space.partial(0)].map(({ length }) => length)).toEqual([64, 48, 48, 64]);
    expect(() => space.view('g', 'norm')).toThrow(/norm is frozen: it has no g/);
    expect([...space.exportGradient().keys()]).toEqual(['table', 'bias']);
    expect([...space.exportMoments().m.keys()]).toEqual(['table', 'bias']);
    // a checkpoint that has moments of all goes in too
    space.importMoments(make().exportMoments());
    space.initialize(3, 1);
    space.g.fill(1);
    const before = space.w.slice();
    const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 0 };
    space.adamw(space.g, { ...options, step: 1 });
    expect(space.w.subarray(space.learning)).toEqual(before.subarray(space.learning));
    expect(space.view('w', 'bias')[0]).toBeCloseTo(-0.1, 5);
  });

  it('refuses a parameter declared twice and a model larger than 4 GiB', () => {
    const options = { scratchBytes: 0, partials: 0, scalars: 0 };
    expect(() => new ParameterSpace([...parameters, parameters[0]], options)).toThrow(/declared twice/);
    const huge: ParameterSpec = { name: 'huge', shape: [2 ** 20, 300], decay: true, init: 'normal' };
    expect(() => new ParameterSpace([huge], options)).toThrow(/one process can address 4/);
    // its weights alone do fit; nothing is written to them here
    const weights = new ParameterSpace([huge], { ...options, training: false });
    expect([weights.w.length, weights.g.length, weights.m.length, weights.v.length]).toEqual([300 * 2 ** 20, 0, 0, 0]);
  });

  it('initializes each parameter from its own Philox site, equally each time', () => {
    const [a, b, c] = [make(), make(), make()];
    a.initialize(7, 0.02);
    b.initialize(7, 0.02);
    c.initialize(8, 0.02);
    expect(a.w).toEqual(b.w);
    expect(a.view('w', 'table')).not.toEqual(c.view('w', 'table'));
    const stream = new RandomStream({ seed: 7, site: 'init.table' });
    expect(a.view('w', 'table')[11]).toBe(Math.fround(0.02 * stream.normal(11)));
    expect(Array.from(a.view('w', 'norm'))).toEqual(Array(19).fill(1));
    expect(Array.from(a.view('w', 'bias'))).toEqual(Array(5).fill(0));
  });

  it('initializes dense matrices within the bound of Glorot, whatever the deviation of the others', () => {
    const dense: ParameterSpec = { name: 'dense', shape: [37, 113], decay: true, init: 'xavier' };
    const space = new ParameterSpace([dense], { scratchBytes: 0, partials: 0, scalars: 0 });
    space.initialize(7, 1e-3);
    const weights = Array.from(space.view('w', 'dense'));
    const most = Math.sqrt(6 / (37 + 113));
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(most);
    const variance = weights.reduce((sum, x) => sum + x * x, 0) / weights.length;
    expect(variance / (most ** 2 / 3)).toBeCloseTo(1, 1);
    expect(Math.abs(weights.reduce((sum, x) => sum + x, 0) / weights.length)).toBeLessThan(0.01);
  });

  it.each([
    [0, 272],
    [5, 261],
    [16, 17],
    [9, 9],
  ])('adds the range [%i, %i) and nothing else', (from, to) => {
    const space = make();
    const [target, source] = [space.partial(0), space.partial(1)];
    fill(target, 'target');
    fill(source, 'source');
    const expected = target.map((value, i) => (i >= from && i < to ? value + source[i] : value));
    space.add(target, source, from, to);
    expect(target).toEqual(expected);
    expect(() => space.add(target, new Float32Array(288))).toThrow(RangeError);
    expect(() => space.add(target, source, 0, 289)).toThrow(RangeError);
  });

  it('copies and zeroes ranges', () => {
    const space = make();
    fill(space.partial(0), 'a');
    space.copy(space.partial(1), space.partial(0), 3, 7);
    expect(space.partial(1).findLastIndex((x) => x !== 0)).toBe(6);
    expect(space.partial(1)[3]).toBe(space.partial(0)[3]);
    space.zero(space.partial(1), 0, 5);
    expect(space.partial(1).findIndex((x) => x !== 0)).toBe(5);
  });

  it('takes the norm of the gradient without the scalars', () => {
    const space = make();
    fillParameters(space, 'g');
    const expected = Math.sqrt(space.g.reduce((sum, x) => sum + x * x, 0));
    space.scalars(space.g).fill(1e6);
    expect(space.gradientNorm()).toBeCloseTo(expected, 5);
    space.copy(space.partial(0), space.g);
    expect(space.gradientNorm(space.partial(0))).toBe(space.gradientNorm());
  });

  // the formula of torch.optim.AdamW after clip_grad_norm_, in float64
  it.each([
    { clipNorm: 1, scale: 1 },
    { clipNorm: 0, scale: 1 },
    { clipNorm: 1, scale: 1e-3 },
  ])('updates as AdamW does (clipNorm $clipNorm, gradients times $scale)', ({ clipNorm, scale }) => {
    const space = make();
    space.initialize(3, 1);
    const options = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, clipNorm };
    const w = Float64Array.from(space.w);
    const m = new Float64Array(space.total);
    const v = new Float64Array(space.total);
    for (let step = 1; step <= 5; step++) {
      fillParameters(space, `g${step}`, scale);
      const gradient = space.g.slice();
      const norm = Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0));
      const clip = clipNorm ? Math.min(1, clipNorm / (norm + 1e-6)) : 1;
      const decayed = space.view('w', 'norm').byteOffset - space.w.byteOffset;
      for (let i = 0; i < space.total; i++) {
        const g = gradient[i] * clip;
        if (4 * i < decayed) w[i] -= options.learningRate * options.weightDecay * w[i];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        const denominator = Math.sqrt(v[i] / (1 - 0.999 ** step)) + options.epsilon;
        w[i] -= (options.learningRate * (m[i] / (1 - 0.9 ** step))) / denominator;
      }
      const { gradNorm, applied } = space.adamw(space.g, { ...options, step });
      expect(applied).toBe(true);
      expect(Math.abs(gradNorm / norm - 1)).toBeLessThan(1e-5);
    }
    expect(Math.max(...w.map((x, i) => Math.abs(x - space.w[i])))).toBeLessThan(2e-6);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('changes nothing for a gradient with %d', (bad) => {
    const space = make();
    space.initialize(3, 1);
    fillParameters(space, 'g');
    space.view('g', 'bias')[2] = bad;
    const before = [space.w, space.m, space.v].map((region) => region.slice());
    const options = {
      step: 1,
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.1,
      clipNorm: 1,
    };
    expect(space.adamw(space.g, options).applied).toBe(false);
    expect([space.w, space.m, space.v]).toEqual(before);
  });

  it("exports Hugging Face's layout and restores weights and moments to the bit", () => {
    const [space, other] = [make(), make()];
    space.initialize(3, 1);
    fill(space.m, 'm');
    fill(space.v, 'v');
    const weights = space.exportWeights();
    expect(weights.get('stored')?.shape).toEqual([5, 37]);
    expect(weights.get('stored')?.data[1 * 37 + 30]).toBe(space.view('w', 'stored')[30 * 5 + 1]);
    expect(weights.get('table')?.data[10]).toBe(space.view('w', 'table')[10]);
    other.importWeights(weights);
    other.importMoments(space.exportMoments());
    for (const region of ['w', 'm', 'v'] as const) {
      for (const { name } of parameters) expect(other.view(region, name)).toEqual(space.view(region, name));
    }
  });

  it('refuses weights that are missing or of another shape, and changes nothing then', () => {
    const space = make();
    space.initialize(3, 1);
    const before = space.w.slice();
    const weights = make().exportWeights();
    weights.set('table', { shape: [7, 3], data: new Float32Array(21) });
    expect(() => space.importWeights(weights)).toThrow(/table has shape \[7,3\], the model needs \[3,7\]/);
    weights.delete('table');
    expect(() => space.importWeights(weights)).toThrow(/no table/);
    expect(space.w).toEqual(before);
  });

  it('makes the outer step of replicas by hand: Nesterov on the mean change, means of the moments, nothing where a change is not finite', () => {
    const space = new ParameterSpace(parameters, { scratchBytes: 0, partials: 1, scalars: 3, localSteps: 5 });
    const { learning, reduced, views } = space;
    const { w, m, v, o } = views;
    expect([o.length, space.start.length]).toEqual([learning, 3 * learning]);
    // five steps of three scalars and a norm each, in slots of 16
    expect([reduced.length, space.partial(0).length]).toEqual([3 * learning + 32, 3 * learning + 32]);
    w.fill(1);
    reduced.fill(0.5, 0, learning);
    reduced.fill(2, learning, 2 * learning);
    reduced.fill(4, 2 * learning, 3 * learning);
    const options = { share: 0.25, momentum: 0.5, rate: 0.5 };
    expect(space.outerStep(options).applied).toBe(true);
    // change 1/8, momentum 1/8: 1 - (1/8 + 1/16) / 2
    expect([w[3], o[3], m[3], v[3]]).toEqual([1 - 3 / 32, 1 / 8, 1 / 2, 1]);
    space.outerStep(options);
    // momentum 3/16: again (1/8 + 3/32) / 2 less
    expect([w[3], o[3]]).toEqual([1 - 3 / 32 - 7 / 64, 3 / 16]);
    reduced[7] = Number.NaN;
    expect(space.outerStep(options).applied).toBe(false);
    expect([w[3], o[3], m[3]]).toEqual([1 - 3 / 32 - 7 / 64, 3 / 16, 1 / 2]);
    const other = new ParameterSpace(parameters, { scratchBytes: 0, partials: 1, scalars: 3, localSteps: 2 });
    other.importMoments(space.exportMoments());
    expect(other.view('o', 'bias')).toEqual(space.view('o', 'bias'));
    other.importMoments(make().exportMoments());
    expect(other.views.o.every((value) => value === 0)).toBe(true);
  });

  it('updates with a scaled gradient as with one that was multiplied before', () => {
    const options = {
      step: 1,
      learningRate: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.1,
      clipNorm: 1,
    };
    for (const type of ['adamw', 'sgd'] as const) {
      const [scaled, before] = [make(), make()];
      for (const space of [scaled, before]) fillParameters(space, 'scaled', space === scaled ? 1 : 8);
      const norms = [scaled[type](scaled.g, { ...options, gradientScale: 8 }), before[type](before.g, options)];
      expect(norms[0]).toEqual(norms[1]);
      expect(scaled.w).toEqual(before.w);
    }
  });
});
