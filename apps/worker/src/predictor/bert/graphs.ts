import type { Engine, ForwardFunction, ForwardProgram, InputSpec, ParameterSpace } from '@regatta/engine';
import { pick } from '@regatta/engine';
import { bertEncoder, bertForward, bertHeadForward, bertMaskedLogits } from '@regatta/models';
import { LRUCache } from 'lru-cache';
import type { BertDescription } from './config.js';

/** Graphs kept a model: each costs some tenths of a second to make. */
const mostGraphs = 16;

/** What can be asked of a model; a graph computes no more than is asked. */
export type OutputName =
  | 'predictionLogits'
  | 'seqRelationshipLogits'
  | 'logits'
  | 'startLogits'
  | 'endLogits'
  | 'hiddenStates'
  | 'lastHiddenState'
  | 'attentions';

export interface GraphShape {
  batch: number;
  length: number;
}
interface Stage {
  inputs: InputSpec[];
  model: ForwardFunction;
}

/** The graph of a model that gives these outputs. */
export function stageOf(description: BertDescription, outputs: readonly OutputName[], shape: GraphShape): Stage {
  const { kind, config, head } = description;
  if (outputs.includes('lastHiddenState')) return bertEncoder(config, shape);
  const attention = outputs.includes('attentions');
  const { inputs, model } =
    kind === 'pretraining'
      ? bertForward(config, shape, { attention })
      : bertHeadForward(config, head, shape, { attention, hiddenStates: outputs.includes('hiddenStates') });
  return { inputs, model: pick(model, outputs) };
}

/** A model's graphs, made when they are first asked for. They share memory: one runs at a time. */
export class BertGraphs {
  private readonly programs: LRUCache<string, ForwardProgram>;

  constructor(
    private readonly engine: Engine,
    private readonly space: ParameterSpace,
    private readonly description: BertDescription,
  ) {
    this.programs = new LRUCache({ max: mostGraphs, dispose: (program) => void program.dispose() });
  }

  forward(outputs: readonly OutputName[], shape: GraphShape): Promise<ForwardProgram> {
    return this.program(`${outputs.join('+')} ${shape.batch}x${shape.length}`, () =>
      stageOf(this.description, outputs, shape),
    );
  }

  masked(shape: GraphShape & { slots: number }): Promise<ForwardProgram> {
    return this.program(`masked ${shape.batch}x${shape.length}/${shape.slots}`, () =>
      bertMaskedLogits(this.description.config, shape),
    );
  }

  dispose(): void {
    this.programs.clear();
  }

  private async program(key: string, make: () => Stage): Promise<ForwardProgram> {
    let program = this.programs.get(key);
    if (!program) {
      program = await this.engine.compileForward({ key: `bert ${key}`, ...make(), space: this.space });
      this.programs.set(key, program);
    }
    return program;
  }
}
