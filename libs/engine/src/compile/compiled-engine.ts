import { createRequire } from 'node:module';
import { machine } from '../machine.js';
import type { ParameterSpace } from '../memory/space.js';
import { type Recording, recordForward, recordTraining, type Site } from '../record/record.js';
import type {
  CompileForwardOptions,
  CompileOptions,
  Engine,
  ForwardProgram,
  Inputs,
  Program,
  RunPlace,
} from '../types.js';
import { GraphSession } from './session.js';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

/** Philox blocks (16 bytes) that a micro-batch's mask takes: the next micro-batch of its shard starts behind them. */
export const maskBlocks = (bytes: number): number => Math.ceil(bytes / 16);

/** Draws a site's mask for one micro-batch into `bytes`, which lie in the space's memory. */
export function drawSite(space: ParameterSpace, bytes: Uint8Array, { site, threshold }: Site, place: RunPlace): void {
  const { seed, step, shard, micro } = place;
  space.drawMask(bytes, threshold, { seed, step, shard, site, firstBlock: micro * maskBlocks(bytes.length) });
}

/** Adds the row parts of table gradients, in row order. */
class RowAdder {
  constructor(
    private readonly recording: Recording,
    private readonly session: GraphSession,
    private readonly space: ParameterSpace,
    private readonly ids: Map<string, Int32Array>,
  ) {}

  add(): void {
    for (const parameter of this.recording.withoutDense) this.space.view('g', parameter).fill(0);
    for (const { parameter, node, ids, n, width } of this.recording.rowParts) {
      const table = this.space.view('g', parameter).byteOffset;
      this.space.kernels.addRows(table, this.session.value(node).byteOffset, this.rowNumbers(ids), n, width);
    }
  }

  /** Pointer to the row numbers; constant ones are written anew each time, because programs share their scratch. */
  private rowNumbers(name: string): number {
    const place = this.ids.get(name);
    if (!place) return this.session.value(name).byteOffset;
    place.set(this.recording.graph.constants.find((constant) => constant.name === name)!.values as Int32Array);
    return place.byteOffset;
  }
}

class CompiledProgram implements Program {
  constructor(
    private readonly session: GraphSession,
    private readonly recording: Recording,
    private readonly space: ParameterSpace,
    private readonly rows: RowAdder,
  ) {}

  get inputs(): Inputs {
    return this.session.inputs;
  }

  get scratchBytes(): number {
    return this.session.scratch.bytes;
  }

  async run(place: RunPlace): Promise<Record<string, number>> {
    for (const site of this.recording.sites) {
      drawSite(this.space, this.session.value(site.name) as Uint8Array, site, place);
    }
    await this.session.run();
    this.rows.add();
    return Object.fromEntries([...this.recording.sums].map(([node, label]) => [label, this.session.value(node)[0]]));
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/**
 * Records forward and gradient once a shape, writes them as one ONNX graph and runs it with onnxruntime on the CPU, in place over the
 * parameter space.
 */
export class CompiledEngine implements Engine {
  readonly kind = 'compiled';

  constructor(private readonly options: { threads: number }) {}

  fingerprint(): string {
    return `compiled onnxruntime-node-${version} ${machine()} threads-${this.options.threads}`;
  }

  async compile({ key, model, inputs, space, dropout }: CompileOptions): Promise<Program> {
    const recording = await recordTraining(key, model, inputs, space.parameters, dropout);
    const { graph, gradients, sites, rowParts } = recording;
    const inSpace = new Map([...gradients].map(([node, parameter]) => [node, space.view('g', parameter)]));
    const session = await GraphSession.create(key, graph, space, [...inputs, ...sites], inSpace, this.options);
    const constants = new Map(graph.constants.map((constant) => [constant.name, constant.values.length]));
    const ids = new Map<string, Int32Array>();
    for (const { ids: name } of rowParts) {
      const count = constants.get(name);
      if (count !== undefined && !ids.has(name)) ids.set(name, session.scratch.take('int32', count));
    }
    return new CompiledProgram(session, recording, space, new RowAdder(recording, session, space, ids));
  }

  async compileForward({ key, model, inputs, space }: CompileForwardOptions): Promise<ForwardProgram> {
    const { graph, outputs } = await recordForward(key, model, inputs, space.parameters);
    const session = await GraphSession.create(key, graph, space, inputs, new Map(), this.options);
    return {
      inputs: session.inputs,
      scratchBytes: session.scratch.bytes,
      run: async () => {
        await session.run();
        const copy = ({ name, shape }: { name: string; shape: number[] }) => ({
          shape,
          data: (session.value(name) as Float32Array).slice(),
        });
        return Object.fromEntries([...outputs].map(([label, value]) => [label, copy(value)]));
      },
      dispose: () => session.dispose(),
    };
  }
}
