import { createRequire } from 'node:module';
import { machine } from '../machine.js';
import { drawSite } from '../masks.js';
import type { ParameterSpace } from '../memory/space.js';
import { type Recording, recordForward, recordTraining } from '../record/record.js';
import type {
  CompileForwardOptions,
  CompileOptions,
  Engine,
  ForwardProgram,
  Inputs,
  Program,
  RunPlace,
} from '../types.js';
import { exclusively } from './exclusively.js';
import { RowAdder } from './row-adder.js';
import { GraphSession, type SessionOptions } from './session.js';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

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

  run(place: RunPlace): Promise<Record<string, number>> {
    return exclusively(this.space, async () => {
      for (const site of this.recording.sites) {
        drawSite(this.space, this.session.value(site.name) as Uint8Array, site, place);
      }
      await this.session.run();
      this.rows.add();
      return Object.fromEntries([...this.recording.sums].map(([label, node]) => [label, this.session.value(node)[0]]));
    });
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/**
 * Records forward and gradient once a shape, writes them as one ONNX graph and runs it with onnxruntime, in place over the
 * parameter space; a GPU's provider copies in and out.
 */
export class CompiledEngine implements Engine {
  readonly kind: 'compiled' | 'compiled:cuda' | 'compiled:webgpu';

  constructor(private readonly options: SessionOptions) {
    this.kind = options.provider === 'cpu' ? 'compiled' : `compiled:${options.provider}`;
  }

  fingerprint(): string {
    return `${this.kind} onnxruntime-node-${version} ${machine()} threads-${this.options.threads}`;
  }

  async compile({ key, model, inputs, space, dropout }: CompileOptions): Promise<Program> {
    const recording = await recordTraining(key, model, inputs, space.parameters, dropout);
    const { graph, gradients, sites } = recording;
    const inSpace = new Map([...gradients].map(([node, parameter]) => [node, space.view('g', parameter)]));
    const session = await GraphSession.create(key, graph, space, [...inputs, ...sites], inSpace, this.options);
    return new CompiledProgram(session, recording, space, new RowAdder(recording, session, space));
  }

  async compileForward({ key, model, inputs, space }: CompileForwardOptions): Promise<ForwardProgram> {
    const { graph, outputs } = await recordForward(key, model, inputs, space.parameters);
    const session = await GraphSession.create(key, graph, space, inputs, new Map(), this.options);
    return {
      inputs: session.inputs,
      scratchBytes: session.scratch.bytes,
      run: () =>
        exclusively(space, async () => {
          await session.run();
          const copy = ({ name, shape }: { name: string; shape: number[] }) => ({
            shape,
            data: (session.value(name) as Float32Array).slice(),
          });
          return Object.fromEntries([...outputs].map(([label, value]) => [label, copy(value)]));
        }),
      dispose: () => session.dispose(),
    };
  }
}
