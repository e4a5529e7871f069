import type { Engine, ForwardProgram, ParameterSpace, Program, RunPlace } from '@regatta/engine';
import {
  type BertConfig,
  type BertHeadShape,
  type BertHeadTraining,
  bertHeadForward,
  bertHeadTraining,
  type HeadBatch,
  outputsOf,
} from '@regatta/models';
import type { Sums } from '../../task.js';
import type { ModelRow } from './evaluate-finetuned.js';
import type { RowLogits } from './head.js';

/** Shape of a micro-batch: rows, tokens a row. */
interface GraphShape {
  batch: number;
  length: number;
}

/**
 * Bytes of scratch that a shape needs at most: dropout masks (a byte an element), the rows of the embeddings' and the labels' gradients,
 * inputs and their indices, logits; a quarter on top.
 */
export function headScratchBytes(model: BertConfig, head: BertHeadShape, { batch, length }: GraphShape): number {
  const { hiddenSize, numAttentionHeads, numHiddenLayers } = model;
  const rows = batch * length;
  const masks = numHiddenLayers * (numAttentionHeads * length + 2 * hiddenSize) * rows + 2 * rows * hiddenSize;
  const tables = 4 * (4 * rows + 2 * batch) * hiddenSize;
  const inputs = 4 * 24 * rows;
  const logits = 4 * rows * (outputsOf(head) + 2);
  return Math.ceil(1.25 * (masks + tables + inputs + logits)) + 2 ** 20;
}

/** The graphs of one shape over the run's parameters: one that trains and one that only predicts, without dropout. */
export class HeadGraphs {
  private constructor(
    private readonly shape: GraphShape,
    private readonly head: BertHeadShape,
    private readonly trained: BertHeadTraining,
    private readonly training: Program,
    private readonly forward: ForwardProgram,
  ) {}

  static async compile(
    engine: Engine,
    space: ParameterSpace,
    model: BertConfig,
    head: BertHeadShape,
    shape: GraphShape,
  ): Promise<HeadGraphs> {
    const trained = bertHeadTraining(model, head, shape);
    const key = `bert ${head.kind} ${shape.batch}x${shape.length}`;
    const dropout = model.hiddenDropoutProb > 0 || model.attentionProbsDropoutProb > 0;
    const { inputs } = trained;
    const training = await engine.compile({ key, model: trained.model, inputs, space, dropout });
    const forward = await engine.compileForward({
      key: `${key} forward`,
      ...bertHeadForward(model, head, shape),
      space,
    });
    return new HeadGraphs(shape, head, trained, training, forward);
  }

  /** Forward and backward; the loss is multiplied by `scale`. */
  async train(batch: HeadBatch, scale: number, place: RunPlace): Promise<Sums> {
    this.trained.place(batch, this.training.inputs, scale);
    return this.training.run(place);
  }

  /** Logits of at most `batch` rows of at most `length` tokens. */
  async logits(rows: readonly ModelRow[], padId: number): Promise<RowLogits[]> {
    const { batch, length } = this.shape;
    const { ids, segments, mask } = this.forward.inputs;
    ids.fill(padId);
    segments.fill(0);
    mask.fill(0);
    for (let row = 0; row < batch; row++) {
      // rows that only fill the batch attend to their first token
      mask.fill(1, row * length, row * length + (rows[row]?.ids.length ?? 1));
      if (!rows[row]) continue;
      ids.set(rows[row].ids, row * length);
      segments.set(rows[row].tokenTypeIds, row * length);
    }
    const outputs = await this.forward.run();
    const names = this.head.kind === 'question-answering' ? ['startLogits', 'endLogits'] : ['logits'];
    const perToken = { 'question-answering': 1, 'token-classification': outputsOf(this.head) }[
      this.head.kind as string
    ];
    return rows.map(({ ids: { length: n } }, row) =>
      names.map((name) => {
        const each = outputs[name].data.length / batch;
        return outputs[name].data.subarray(row * each, row * each + (perToken === undefined ? each : n * perToken));
      }),
    );
  }

  async dispose(): Promise<void> {
    await this.training.dispose();
    await this.forward.dispose();
  }
}
