import type { ConfigOf } from '@regatta/contracts';
import type { Engine, ForwardProgram, ParameterSpace, Program, RunPlace } from '@regatta/engine';
import { type BertConfig, bertPretraining } from '@regatta/models';
import { maskedCount, type PretrainingBatch, type StepCounts } from '@regatta/text';
import type { Sums } from '../task.js';

/** Shape of a micro-batch: rows, tokens a row, room for masked positions a row. */
export interface GraphShape {
  batch: number;
  length: number;
  slots: number;
}

/** The micro-batch of a run at one of its lengths. */
export function graphShape(config: ConfigOf<'bert-pretrain'>, length: number): GraphShape {
  const { maskProbability, nextSentence } = config.pretraining;
  const ordinary = length - (nextSentence ? 3 : 2);
  return { batch: config.training.microBatchSize, length, slots: maskedCount(ordinary, maskProbability) };
}

/**
 * Bytes of scratch that a shape needs at most: dropout masks (a byte an element), the rows of the embedding gradients, inputs and their
 * indices; a quarter on top.
 */
export function scratchBytes(model: BertConfig, { batch, length, slots }: GraphShape): number {
  const { hiddenSize, numAttentionHeads, numHiddenLayers } = model;
  const rows = batch * length;
  const masks = numHiddenLayers * (numAttentionHeads * length + 2 * hiddenSize) * rows + rows * hiddenSize;
  const tables = 4 * (3 * rows + batch * slots) * hiddenSize;
  const inputs = 4 * (16 * rows + 8 * batch * slots);
  return Math.ceil(1.25 * (masks + tables + inputs)) + 2 ** 20;
}

/** The graphs of one shape over the run's parameters: one that trains and one that only evaluates, without dropout. */
export class BertGraphs {
  private constructor(
    private readonly pretraining: ReturnType<typeof bertPretraining>,
    private readonly training: Program,
    private readonly evaluation: ForwardProgram,
  ) {}

  static async compile(
    engine: Engine,
    space: ParameterSpace,
    model: BertConfig,
    shape: GraphShape,
  ): Promise<BertGraphs> {
    const pretraining = bertPretraining(model, shape);
    const { inputs } = pretraining;
    const key = `bert-pretraining ${shape.batch}x${shape.length}`;
    const dropout = model.hiddenDropoutProb > 0 || model.attentionProbsDropoutProb > 0;
    const training = await engine.compile({ key, model: pretraining.model, inputs, space, dropout });
    const evaluation = await engine.compileForward({
      key: `${key} evaluation`,
      model: (p, x) => pretraining.model(p, x, () => undefined).sums,
      inputs,
      space,
    });
    return new BertGraphs(pretraining, training, evaluation);
  }

  /** Forward and backward; the losses are scaled by 1 / the global counts (0 where there is nothing to count). */
  async train(batch: PretrainingBatch, counts: StepCounts, place: RunPlace): Promise<Sums> {
    this.pretraining.place(batch, this.training.inputs, {
      mlm: counts.maskedTokens === 0 ? 0 : 1 / counts.maskedTokens,
      nsp: counts.examples === 0 ? 0 : 1 / counts.examples,
    });
    return this.training.run(place);
  }

  async evaluate(batch: PretrainingBatch): Promise<Sums> {
    this.pretraining.place(batch, this.evaluation.inputs, { mlm: 0, nsp: 0 });
    const outputs = await this.evaluation.run();
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]]));
  }

  async dispose(): Promise<void> {
    await this.training.dispose();
    await this.evaluation.dispose();
  }
}
