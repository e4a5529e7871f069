import { AppError } from '@regatta/contracts';
import { type Engine, type ForwardProgram, ParameterSpace } from '@regatta/engine';
import { type BertConfig, bertForward, bertPretrainingParameters } from '@regatta/models';
import { type ArtifactStore, decodeSafetensors } from '@regatta/storage';
import { WordPieceTokenizer } from '@regatta/text';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/** Sequences a graph run: one, or these many where there are more. */
const fullBatch = 8;
/** Tokens a graph run at most, unless one sequence alone has more: bounds the memory of the logits. */
const mostRows = 1024;
/** Graphs kept a model: each costs some tenths of a second to make. */
const mostGraphs = 8;
const shortest = 16;

/** One input of the model: B rows of at most `length` tokens. */
export interface ModelInput {
  ids: ArrayLike<number>;
  tokenTypeIds: ArrayLike<number>;
  /** 1 for a token that may be attended to. */
  attentionMask: ArrayLike<number>;
}

/** What the model says of one input of n tokens; V vocabulary, D hidden size, L layers. */
export interface ModelOutput {
  /** [n, V] */
  predictionLogits: Float32Array;
  /** [2] */
  seqRelationshipLogits: Float32Array;
  /** [L + 1] of [n, D], embeddings first. */
  hiddenStates: Float32Array[];
}

const configFile = z.object({
  vocab_size: z.number(),
  hidden_size: z.number(),
  num_hidden_layers: z.number(),
  num_attention_heads: z.number(),
  intermediate_size: z.number(),
  max_position_embeddings: z.number(),
  type_vocab_size: z.number(),
  layer_norm_eps: z.number(),
  initializer_range: z.number(),
});
const tokenizerConfigFile = z.object({ do_lower_case: z.boolean() });

/** A checkpoint's model, ready to predict. Its graphs share memory: one prediction at a time. */
export class LoadedModel {
  private readonly graphs: LRUCache<string, ForwardProgram>;

  private constructor(
    readonly config: BertConfig,
    readonly tokenizer: WordPieceTokenizer,
    private readonly engine: Engine,
    private readonly space: ParameterSpace,
  ) {
    this.graphs = new LRUCache({ max: mostGraphs, dispose: (program) => void program.dispose() });
  }

  /** @throws AppError `not-found` or `checkpoint-corrupt` as the store does */
  static async load(engine: Engine, store: ArtifactStore, runId: string, step: number): Promise<LoadedModel> {
    const { files } = await store.readCheckpoint(runId, step);
    const json = (name: string): unknown => JSON.parse(files[name].toString());
    const config = bertConfig(configFile.parse(json('config.json')));
    const { do_lower_case: lowercase } = tokenizerConfigFile.parse(json('tokenizer_config.json'));
    const tokenizer = WordPieceTokenizer.fromVocabTxt(files['vocab.txt'].toString(), { lowercase });
    const space = new ParameterSpace(bertPretrainingParameters(config), {
      scratchBytes: scratchBytes(config),
      partials: 0,
      scalars: 0,
    });
    space.importWeights(decodeSafetensors(files['model.safetensors']));
    return new LoadedModel(config, tokenizer, engine, space);
  }

  /** Runs the model on inputs of any number and of any lengths up to its positions. */
  async run(inputs: readonly ModelInput[]): Promise<ModelOutput[]> {
    const outputs: ModelOutput[] = [];
    const length = this.bucket(inputs.reduce((most, { ids }) => Math.max(most, ids.length), 0));
    for (let first = 0; first < inputs.length; ) {
      const batch = batchFor(inputs.length - first, length);
      outputs.push(...(await this.runBatch(inputs.slice(first, first + batch), batch, length)));
      first += batch;
    }
    return outputs;
  }

  dispose(): void {
    this.graphs.clear();
  }

  private async runBatch(inputs: readonly ModelInput[], batch: number, length: number): Promise<ModelOutput[]> {
    const program = await this.graph(batch, length);
    const { ids, segments, mask } = program.inputs;
    ids.fill(this.tokenizer.padId);
    segments.fill(0);
    mask.fill(0);
    inputs.forEach((input, row) => {
      ids.set(input.ids, row * length);
      segments.set(input.tokenTypeIds, row * length);
      mask.set(input.attentionMask, row * length);
    });
    // a row that may attend to nothing would be undefined: the rows that only fill the batch attend to their first token
    for (let row = inputs.length; row < batch; row++) mask[row * length] = 1;
    const { predictionLogits, seqRelationshipLogits, hiddenStates } = await program.run();
    const { vocabSize: V, hiddenSize: D, numHiddenLayers: L } = this.config;
    return inputs.map(({ ids: { length: n } }, row) => {
      const rows = (data: Float32Array, start: number, width: number) =>
        data.subarray(start * width, (start + n) * width);
      return {
        predictionLogits: rows(predictionLogits.data, row * length, V),
        seqRelationshipLogits: seqRelationshipLogits.data.subarray(row * 2, row * 2 + 2),
        hiddenStates: Array.from({ length: L + 1 }, (_, l) => rows(hiddenStates.data, (l * batch + row) * length, D)),
      };
    });
  }

  private async graph(batch: number, length: number): Promise<ForwardProgram> {
    const key = `bert ${batch}x${length}`;
    let program = this.graphs.get(key);
    if (!program) {
      const { inputs, model } = bertForward(this.config, { batch, length });
      program = await this.engine.compileForward({ key, model, inputs, space: this.space });
      this.graphs.set(key, program);
    }
    return program;
  }

  /** The next power of two, at most the model's positions: few shapes, so few graphs. */
  private bucket(length: number): number {
    const { maxPositionEmbeddings } = this.config;
    if (length > maxPositionEmbeddings) throw new AppError('internal', `${length} tokens for ${maxPositionEmbeddings}`);
    return Math.min(maxPositionEmbeddings, Math.max(shortest, 2 ** Math.ceil(Math.log2(length))));
  }
}

function batchFor(left: number, length: number): number {
  const most = Math.max(1, Math.min(fullBatch, Math.floor(mostRows / length)));
  return left === 1 ? 1 : most;
}

/** Outputs of the largest graph, its inputs, and some room. */
function scratchBytes({ vocabSize, hiddenSize, numHiddenLayers, maxPositionEmbeddings }: BertConfig): number {
  const rows = Math.max(mostRows, maxPositionEmbeddings);
  return 4 * rows * (vocabSize + (numHiddenLayers + 3) * hiddenSize + 8) + 2 ** 20;
}

const bertConfig = (file: z.output<typeof configFile>): BertConfig => ({
  vocabSize: file.vocab_size,
  hiddenSize: file.hidden_size,
  numHiddenLayers: file.num_hidden_layers,
  numAttentionHeads: file.num_attention_heads,
  intermediateSize: file.intermediate_size,
  maxPositionEmbeddings: file.max_position_embeddings,
  typeVocabSize: file.type_vocab_size,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  layerNormEps: file.layer_norm_eps,
  initializerRange: file.initializer_range,
});
