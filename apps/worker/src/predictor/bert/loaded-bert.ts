import { AppError } from '@regatta/contracts';
import { type Engine, type Inputs, ParameterSpace } from '@regatta/engine';
import { matchWeights } from '@regatta/models';
import { decodeSafetensors } from '@regatta/storage';
import { WordPieceTokenizer } from '@regatta/text';
import { z } from 'zod';
import { partOf, rowsOf, type Tensor } from '../tensor.js';
import { type BertDescription, describeBert, parametersOf } from './config.js';
import { BertGraphs, type GraphShape, type OutputName } from './graphs.js';

/** Sequences a graph run: one, or these many where there are more. */
const fullBatch = 8;
/** Tokens a graph run at most, unless one sequence alone has more: bounds the memory of the logits. */
const mostRows = 1024;
const shortest = 16;

/** One input of the model, of n tokens. */
export interface BertInput {
  ids: ArrayLike<number>;
  tokenTypeIds: ArrayLike<number>;
  /** 1 for a token that may be attended to. */
  attentionMask: ArrayLike<number>;
}

/** What the model says of one input of n tokens: the outputs asked for, without the batch's axis and cut to n tokens. */
export type BertOutput = Partial<Record<OutputName, Tensor>>;

/** Which axes count batch and tokens; the tokens' without the batch's axis. `logits` of token classification have tokens too. */
const axesOf: Record<OutputName, { batch: number; time: number[] }> = {
  predictionLogits: { batch: 0, time: [0] },
  seqRelationshipLogits: { batch: 0, time: [] },
  logits: { batch: 0, time: [] },
  startLogits: { batch: 0, time: [0] },
  endLogits: { batch: 0, time: [0] },
  lastHiddenState: { batch: 0, time: [0] },
  hiddenStates: { batch: 1, time: [1] },
  attentions: { batch: 1, time: [2, 3] },
};

const tokenizerConfigFile = z.object({
  do_lower_case: z.boolean().default(true),
  // transformers writes 1e30 where nothing is said
  model_max_length: z.number().default(512),
});
/** Parts that a checkpoint may lack: whoever asks for them is told. */
const optional = /^(cls\.|bert\.pooler\.)/;

/** A checkpoint's BERT, ready to predict. Its graphs share memory: one prediction at a time. */
export class LoadedBert {
  private readonly graphs: BertGraphs;

  private constructor(
    readonly description: BertDescription,
    readonly tokenizer: WordPieceTokenizer,
    readonly space: ParameterSpace,
    /** Tokens of a window of a long text: what the model was trained with, at most its positions. */
    readonly maxLength: number,
    private readonly missing: ReadonlySet<string>,
    engine: Engine,
  ) {
    this.graphs = new BertGraphs(engine, space, description);
  }

  /** @throws AppError `invalid-file` where the files are not those of a BERT */
  static load(engine: Engine, files: Record<string, Buffer>): LoadedBert {
    const json = (name: string): unknown => JSON.parse(files[name].toString());
    const description = describeBert(json('config.json'));
    const settings = tokenizerConfigFile.parse(files['tokenizer_config.json'] ? json('tokenizer_config.json') : {});
    const tokenizer = WordPieceTokenizer.fromVocabTxt(files['vocab.txt'].toString(), {
      lowercase: settings.do_lower_case,
    });
    const parameters = parametersOf(description);
    const space = new ParameterSpace(parameters, {
      scratchBytes: scratchBytes(description),
      partials: 0,
      scalars: 0,
      training: false,
    });
    const { weights, missing } = matchWeights(decodeSafetensors(files['model.safetensors']), parameters);
    const lost = missing.filter((name) => !optional.test(name));
    if (lost.length > 0) {
      throw new AppError('invalid-file', `The model's weights lack ${lost.slice(0, 3).join(', ')}.`, {
        next: 'Import the model again, with all its files.',
      });
    }
    for (const { name, shape, layout } of parameters.filter((parameter) => missing.includes(parameter.name))) {
      const stored = layout === 'io' ? shape.toReversed() : shape;
      weights.set(name, { shape: stored, data: new Float32Array(stored.reduce((a, b) => a * b, 1)) });
    }
    space.importWeights(weights);
    const maxLength = Math.min(settings.model_max_length, description.config.maxPositionEmbeddings);
    return new LoadedBert(description, tokenizer, space, maxLength, new Set(missing), engine);
  }

  /** Whether the checkpoint brought a part of the model, by a parameter of it. */
  has(parameter: string): boolean {
    return this.space.parameters.some(({ name }) => name === parameter) && !this.missing.has(parameter);
  }

  /** What the model's heads say, of those that the checkpoint brought; without a head the vectors of the last layer. */
  headOutputs(): OutputName[] {
    switch (this.description.kind) {
      case null:
        return ['lastHiddenState'];
      case 'pretraining':
        return [
          ...(this.has('cls.predictions.transform.dense.weight') ? ['predictionLogits' as const] : []),
          ...(this.has('cls.seq_relationship.weight') ? ['seqRelationshipLogits' as const] : []),
        ];
      case 'question-answering':
        return ['startLogits', 'endLogits'];
      default:
        return ['logits'];
    }
  }

  /** Runs the model on inputs of any number and of any lengths up to its positions. */
  async run(inputs: readonly BertInput[], outputs: readonly OutputName[]): Promise<BertOutput[]> {
    return this.inBatches(inputs, async (some, shape) => {
      const program = await this.graphs.forward(outputs, shape);
      this.place(some, shape, program.inputs);
      const results = await program.run();
      return some.map(({ ids: { length: n } }, row) => {
        const part = (name: OutputName) => {
          const tokens = name === 'logits' && this.description.kind === 'token-classification';
          const { batch, time } = tokens ? axesOf.predictionLogits : axesOf[name];
          return partOf(results[name], batch, time, row, n);
        };
        return Object.fromEntries(outputs.map((name) => [name, part(name)]));
      });
    });
  }

  /** The vocabulary's logits of some tokens of each input, `positions[i]` of input i: for each a vector [V]. */
  async runMasked(inputs: readonly BertInput[], positions: readonly number[][]): Promise<Float32Array[][]> {
    const places = new Map(inputs.map((input, i) => [input, positions[i]]));
    return this.inBatches(inputs, async (some, shape) => {
      const count = some.reduce((sum, input) => sum + (places.get(input) as number[]).length, 0);
      const program = await this.graphs.masked({ ...shape, slots: powerOfTwo(count) });
      this.place(some, shape, program.inputs);
      program.inputs.rows.fill(0);
      let slot = 0;
      some.forEach((input, row) => {
        for (const t of places.get(input) as number[]) program.inputs.rows[slot++] = t * shape.batch + row;
      });
      const logits = rowsOf((await program.run()).maskedLogits);
      slot = 0;
      return some.map((input) => (places.get(input) as number[]).map(() => logits[slot++]));
    });
  }

  dispose(): void {
    this.graphs.dispose();
  }

  private async inBatches<T>(
    inputs: readonly BertInput[],
    run: (some: readonly BertInput[], shape: GraphShape) => Promise<T[]>,
  ): Promise<T[]> {
    const outputs = new Array<T>(inputs.length);
    // the longest first, beside their like
    const order = [...inputs.keys()].sort((a, b) => inputs[b].ids.length - inputs[a].ids.length || a - b);
    for (let first = 0; first < order.length; ) {
      const length = this.bucket(inputs[order[first]].ids.length);
      const batch = batchFor(order.length - first, length);
      const chosen = order.slice(first, first + batch);
      const results = await run(
        chosen.map((i) => inputs[i]),
        { batch, length },
      );
      chosen.forEach((i, row) => {
        outputs[i] = results[row];
      });
      first += batch;
    }
    return outputs;
  }

  private place(some: readonly BertInput[], { batch, length }: GraphShape, { ids, segments, mask }: Inputs): void {
    ids.fill(this.tokenizer.padId);
    segments.fill(0);
    mask.fill(0);
    some.forEach((input, row) => {
      ids.set(input.ids, row * length);
      segments.set(input.tokenTypeIds, row * length);
      mask.set(input.attentionMask, row * length);
    });
    // a row that may attend to nothing would be undefined: the rows that only fill the batch attend to their first token
    for (let row = some.length; row < batch; row++) mask[row * length] = 1;
  }

  /** The next power of two, at most the model's positions: few shapes, so few graphs. */
  private bucket(length: number): number {
    const { maxPositionEmbeddings } = this.description.config;
    if (length > maxPositionEmbeddings) throw new AppError('internal', `${length} tokens for ${maxPositionEmbeddings}`);
    return Math.min(maxPositionEmbeddings, Math.max(shortest, powerOfTwo(length)));
  }
}

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));

function batchFor(left: number, length: number): number {
  const most = Math.max(1, Math.min(fullBatch, Math.floor(mostRows / length)));
  return left === 1 ? 1 : most;
}

/** Outputs of the largest graph, its inputs, and some room; memory that no graph touches is never taken from the machine. */
function scratchBytes({ config, labels }: BertDescription): number {
  const { vocabSize, hiddenSize, numHiddenLayers, numAttentionHeads, maxPositionEmbeddings: positions } = config;
  const rows = Math.max(mostRows, positions);
  const states = rows * (vocabSize + labels.length + (numHiddenLayers + 3) * hiddenSize + 16);
  const attention = numHiddenLayers * numAttentionHeads * rows * positions;
  return 4 * (states + attention) + 2 ** 20;
}
