import type { Engine, ForwardProgram, ParameterSpace, Program } from '@regatta/engine';
import type { Stage, TranslationModel, TranslationShape } from '@regatta/models';
import type { DecodingShape } from './scratch.js';

/** A compiled training graph with the function that writes a batch into it. */
export interface Compiled<P> {
  program: P;
  place: ReturnType<TranslationModel['train']>['place'];
}

/** A compiled stage with what it is given. */
export interface CompiledStage {
  program: ForwardProgram;
  inputs: Stage['inputs'];
}

/** The graphs of one model over its parameters, one a shape, compiled when they are first asked for and kept. */
export class TranslationPrograms {
  private readonly made = new Map<string, Promise<{ program: Program | ForwardProgram }>>();

  constructor(
    private readonly engine: Engine,
    readonly space: ParameterSpace,
    readonly model: TranslationModel,
  ) {}

  training(shape: TranslationShape): Promise<Compiled<Program>> {
    return this.once(keyOf('training', shape), async (key) => {
      const { inputs, model, place } = this.model.train(shape);
      return { program: await this.engine.compile({ key, model, inputs, space: this.space, dropout: true }), place };
    });
  }

  /** The losses alone, without dropout. */
  scoring(shape: TranslationShape): Promise<Compiled<ForwardProgram>> {
    return this.once(keyOf('scoring', shape), async (key) => {
      const { inputs, model, place } = this.model.train(shape);
      const forward = { key, model: withoutDropout(model), inputs, space: this.space };
      return { program: await this.engine.compileForward(forward), place };
    });
  }

  encoding(shape: { batch: number; sourceLength: number }): Promise<CompiledStage> {
    return this.once(keyOf('encoding', shape), (key) => this.stage(key, this.model.encode(shape)));
  }

  /** null where the encoder has no attention. */
  encoderAttention(shape: { batch: number; sourceLength: number }): Promise<CompiledStage> | null {
    const stage = this.model.encoderAttention?.(shape);
    return stage ? this.once(keyOf('encoder attention', shape), (key) => this.stage(key, stage)) : null;
  }

  decoding(shape: DecodingShape): Promise<CompiledStage> {
    return this.once(keyOf('decoding', shape), (key) => this.stage(key, this.model.decode(shape)));
  }

  async dispose(): Promise<void> {
    for (const made of this.made.values()) await (await made).program.dispose();
    this.made.clear();
  }

  private async stage(key: string, { inputs, model }: Stage): Promise<CompiledStage> {
    return { program: await this.engine.compileForward({ key, model, inputs, space: this.space }), inputs };
  }

  private once<T extends { program: Program | ForwardProgram }>(
    key: string,
    make: (key: string) => Promise<T>,
  ): Promise<T> {
    const known = this.made.get(key);
    if (known) return known as Promise<T>;
    const making = make(key);
    this.made.set(key, making);
    making.catch(() => this.made.delete(key));
    return making;
  }
}

const keyOf = (what: string, shape: object): string => `translation ${what} ${Object.values(shape).join('x')}`;

type Training = ReturnType<TranslationModel['train']>['model'];
const withoutDropout =
  (model: Training): Stage['model'] =>
  (p, x) =>
    model(p, x, () => undefined).sums;
