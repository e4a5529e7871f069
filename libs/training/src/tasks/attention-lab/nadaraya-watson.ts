// n points, m places of the grid. "Dive into Deep Learning", section 11.2: y = 2 sin x + x^0.8 + noise on [0, 5).
import { type ForwardProgram, ParameterSpace } from '@regatta/engine';
import { kernelFit, leaveOneOut } from '@regatta/models';
import { RandomStream } from '@regatta/random';
import { type Experiment, type LabOf, type LabOptions, type ResultOf, rounded, rowsOf } from './lab-task.js';

/** Places at which the fit is drawn, over the whole range. */
const gridSize = 50;
const range = 5;

const truthAt = (x: number): number => 2 * Math.sin(x) + x ** 0.8;

/** The training points, by x. */
export function drawPoints(
  { examples, noise }: LabOf<'nadaraya-watson'>,
  seed: number,
): { x: Float32Array; y: Float32Array } {
  const places = new RandomStream({ seed, site: 'lab.points' });
  const noises = new RandomStream({ seed, site: 'lab.noise' });
  const x = Float32Array.from({ length: examples }, (_, i) => range * places.uniform(i)).sort();
  return { x, y: x.map((place, i) => truthAt(place) + noise * noises.normal(i)) };
}

/** [n, n − 1]: for each of the values all the others. */
function othersOf(values: Float32Array): Float32Array {
  const n = values.length;
  return Float32Array.from({ length: n * (n - 1) }, (_, at) => {
    const [row, column] = [Math.floor(at / (n - 1)), at % (n - 1)];
    return values[column < row ? column : column + 1];
  });
}

const meanSquare = (found: Float32Array, wanted: ArrayLike<number>): number =>
  found.reduce((sum, y, i) => sum + (y - wanted[i]) ** 2, 0) / found.length;

/**
 * Kernel regression whose bandwidth is learned leave-one-out, by gradient descent on the mean squared error. The validation loss is the mean
 * squared distance from the true function; its baseline is the best guess that ignores x, the mean of all y.
 */
export async function nadarayaWatsonLab(
  lab: LabOf<'nadaraya-watson'>,
  { config, engine }: LabOptions,
): Promise<Experiment> {
  const n = lab.examples;
  const points = drawPoints(lab, config.seed);
  const [keys, values] = [othersOf(points.x), othersOf(points.y)];
  const grid = Float32Array.from({ length: gridSize }, (_, i) => (range * i) / gridSize);
  const truth = grid.map(truthAt);
  const space = new ParameterSpace([{ name: 'w', shape: [1], decay: false, init: 'ones' }], {
    scratchBytes: 4 * (2 * n * n + gridSize * (n + 1) + 4 * n) + 65536,
    partials: 1,
    scalars: 1,
  });
  const training = await engine.compile({
    key: `nadaraya-watson ${n}`,
    ...leaveOneOut(n),
    space,
    dropout: false,
  });
  const fit = await engine.compileForward({ key: `nadaraya-watson fit ${n}`, ...kernelFit(n, gridSize), space });
  const fitted = () => fitOf(fit, { ...points, places: grid });
  return {
    space,
    sums: ['squares'],
    initialize: () => space.initialize(config.seed, 1),
    async step(step) {
      const { inputs } = training;
      inputs.x.set(points.x);
      inputs.y.set(points.y);
      inputs.keys.set(keys);
      inputs.values.set(values);
      return training.run({ seed: config.seed, step, shard: 0, micro: 0 });
    },
    trained: ({ squares }) => ({ loss: squares / n, w: space.view('w', 'w')[0] }),
    metrics: async () => ({ loss: meanSquare((await fitted()).output, truth) }),
    baselines: { loss: meanSquare(new Float32Array(gridSize).fill(points.y.reduce((a, b) => a + b, 0) / n), truth) },
    async result(): Promise<ResultOf<'nadaraya-watson'>> {
      const w = space.view('w', 'w');
      const learned = w[0];
      const after = await fitted();
      w[0] = 1;
      const before = await fitted();
      w[0] = learned;
      const x = rounded(grid);
      return {
        experiment: 'nadaraya-watson',
        points: { x: rounded(points.x), y: rounded(points.y) },
        truth: { x, y: rounded(truth) },
        before: { x, y: rounded(before.output) },
        after: { x, y: rounded(after.output) },
        weightsBefore: rowsOf(before.weights, n),
        weightsAfter: rowsOf(after.weights, n),
        w: learned,
      };
    },
    async dispose() {
      await training.dispose();
      await fit.dispose();
    },
  };
}

/** The fit [m] at the places of the grid and its weights [m, n]. */
async function fitOf(
  program: ForwardProgram,
  values: Record<'x' | 'y' | 'places', Float32Array>,
): Promise<{ output: Float32Array; weights: Float32Array }> {
  for (const [name, data] of Object.entries(values)) program.inputs[name].set(data);
  const { output, weights } = await program.run();
  return { output: output.data, weights: weights.data };
}
