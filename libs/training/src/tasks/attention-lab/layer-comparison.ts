// n positions, D hidden size: how the three kinds of layers cost with n, and how far a signal comes in one of them.
import { setImmediate } from 'node:timers/promises';
import { type Engine, type ForwardProgram, ParameterSpace } from '@regatta/engine';
import { type LayerKind, layerForward, layerKinds, layerParameters, outputAt } from '@regatta/models';
import { RandomStream } from '@regatta/random';
import { type Experiment, type LabOf, type LabOptions, type ResultOf, rounded } from './lab-task.js';

type Lab = LabOf<'layer-comparison'>;

/** Measures one layer of each kind; nothing is learned. Times are no metrics: they differ from machine to machine. */
export function layerComparisonLab(lab: Lab, { config, engine }: LabOptions): Experiment {
  const { hiddenSize: D, lengths } = lab;
  const longest = Math.max(...lengths);
  const space = new ParameterSpace(layerParameters(lab), {
    scratchBytes: 4 * 2 * longest * D + 65536,
    partials: 1,
    scalars: 1,
  });
  return {
    space,
    sums: [],
    // of any value: times do not depend on it
    initialize: () => void space.w.fill(1 / D),
    async result(): Promise<ResultOf<'layer-comparison'>> {
      const sequence = sequenceOf(longest * D, config.seed);
      const layers: ResultOf<'layer-comparison'>['layers'] = [];
      for (const kind of layerKinds(lab)) {
        const reach = await reachOf(kind.layer, lab.kernelSize, { engine, seed: config.seed });
        const points: (typeof layers)[number]['points'] = [];
        for (const length of lengths.toSorted((a, b) => a - b)) {
          const milliseconds = await fastest(kind, sequence.subarray(0, length * D), { lab, engine, space });
          points.push({ length, milliseconds, flops: kind.flops(length), pathLength: pathLength(reach, kind, length) });
        }
        const { layer, complexity, sequentialOperations } = kind;
        layers.push({ layer, complexity, sequentialOperations, points, slope: logSlope(points) });
      }
      return { experiment: 'layer-comparison', layers };
    },
  };
}

const sequenceOf = (size: number, seed: number): Float32Array => {
  const stream = new RandomStream({ seed, site: 'lab.sequence' });
  return Float32Array.from({ length: size }, (_, i) => stream.normal(i));
};

/** Steps of a recurrent layer in one graph, whose time to compile grows faster than its length. */
const mostSteps = 128;

/** Milliseconds of the fastest of the runs over a sequence, after one that is not counted. */
async function fastest(
  kind: LayerKind,
  sequence: Float32Array,
  { lab, engine, space }: { lab: Lab; engine: Engine; space: ParameterSpace },
): Promise<number> {
  const D = lab.hiddenSize;
  const n = sequence.length / D;
  const most = kind.recurrent ? mostSteps : n;
  const pieces = Array.from({ length: Math.ceil(n / most) }, (_, i) =>
    sequence.subarray(i * most * D, Math.min(n, (i + 1) * most) * D),
  );
  const programs = new Map<number, ForwardProgram>();
  for (const { length } of pieces) {
    if (programs.has(length)) continue;
    const stage = layerForward(kind, length / D, D);
    programs.set(length, await engine.compileForward({ key: `${kind.layer} ${length / D}`, ...stage, space }));
  }
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= lab.repeats; i++) {
    // the engine blocks this thread: without this pause no message would ever be heard
    await setImmediate();
    const started = performance.now();
    await runOver(pieces, programs, D);
    if (i > 0) least = Math.min(least, performance.now() - started);
  }
  for (const program of programs.values()) await program.dispose();
  return rounded([least])[0];
}

/** A layer over the pieces of a sequence, the last state going on from piece to piece. */
async function runOver(
  pieces: readonly Float32Array[],
  programs: ReadonlyMap<number, ForwardProgram>,
  width: number,
): Promise<void> {
  let state = new Float32Array(width);
  for (const piece of pieces) {
    const program = programs.get(piece.length) as ForwardProgram;
    program.inputs.x.set(piece);
    program.inputs.h?.set(state);
    state = (await program.run()).y.data.slice(-width);
  }
}

/** How many places back an output sees in one application; null: every place. */
export type Reach = number | null;

/** How wide a layer is whose reach is measured: the reach does not depend on it. */
const narrow = 8;

/** The reach of a kind of layer, from the Jacobian of one output in the middle of a sequence that is longer than any kernel reaches. */
export async function reachOf(
  layer: LayerKind['layer'],
  kernelSize: number,
  { engine, seed }: { engine: Engine; seed: number },
): Promise<Reach> {
  const sizes = { hiddenSize: narrow, kernelSize };
  const kind = layerKinds(sizes).find((candidate) => candidate.layer === layer) as LayerKind;
  const n = 2 * kernelSize + 3;
  const middle = kernelSize + 1;
  const x = { name: 'x', shape: [n, narrow], decay: false, init: 'normal' as const };
  const space = new ParameterSpace([...layerParameters(sizes), x], { scratchBytes: 4096, partials: 0, scalars: 0 });
  space.initialize(seed, 1);
  const program = await engine.compile({
    key: `${layer} Jacobian`,
    space,
    inputs: [],
    dropout: false,
    model: outputAt(kind, middle),
  });
  await program.run({ seed, step: 0, shard: 0, micro: 0 });
  await program.dispose();
  const gradient = space.view('g', 'x');
  const sees = Array.from({ length: n }, (_, i) =>
    gradient.subarray(i * narrow, (i + 1) * narrow).some((slope) => slope !== 0),
  );
  return sees.every(Boolean) ? null : middle - sees.indexOf(true);
}

/** Applications until the last of n places has heard of the first. */
export const pathLength = (reach: Reach, { entry }: Pick<LayerKind, 'entry'>, n: number): number =>
  reach === null ? 1 : entry + Math.ceil((n - 1) / reach);

/**
 * Least-squares slope of log(milliseconds) over log(length), the power of n that the time grows with, over the longer half of points that are
 * sorted by length: at short ones constant costs hide the growth.
 */
export function logSlope(points: readonly { length: number; milliseconds: number }[]): number {
  const longer = points.slice(-Math.max(2, Math.ceil(points.length / 2)));
  const [xs, ys] = [longer.map((point) => Math.log(point.length)), longer.map((point) => Math.log(point.milliseconds))];
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  const covariance = xs.reduce((sum, x, i) => sum + (x - x0) * (ys[i] - y0), 0);
  return rounded([covariance / xs.reduce((sum, x) => sum + (x - x0) ** 2, 0)])[0];
}
