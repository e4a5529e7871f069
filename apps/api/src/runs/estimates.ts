import type { ConfigOf, RunConfig } from '@regatta/contracts';
import {
  type BertConfig,
  type BertHeadShape,
  bertHeadParameters,
  bertPretrainingParameters,
  countTranslationParameters,
  numbersIn,
  scaledRates,
} from '@regatta/models/shapes';

const floatBytes = 4;

/** What a run's configuration does not say itself. */
export interface Known {
  /** Sizes of the model that it fine-tunes. */
  base?: BertConfig;
  /** Labels of its data; 2 where that is not known. */
  labels?: number;
  /** It learns numbers. */
  regression?: boolean;
}

/** What a run needs, in numbers of 32 bits and in operations. */
export interface Cost {
  /** Trained or frozen, if the vocabulary comes out as large as it may. */
  parameters: number;
  /** Of these, those that are frozen: they have no gradient and no moments. */
  frozen?: number;
  /** Numbers that a micro-batch keeps for its backward pass. */
  activations: number;
  /** Floating-point operations of a step: forward, and twice that backward. */
  flops: number;
}

export function costOf(config: RunConfig, known: Known = {}): Cost {
  switch (config.task) {
    case 'bert-pretrain':
      return pretraining(config);
    case 'bert-finetune':
      return finetuning(config, known);
    case 'translate':
      return translation(config);
    case 'attention-lab':
      return lab(config);
  }
}

/**
 * Bytes of one trainer: weights, of what learns the gradients and Adam's two moments, and what a micro-batch keeps. With local steps weights and
 * moments twice more (as a round began, and as it is exchanged), and the outer step's momentum.
 */
export function memoryBytes({ distributed }: RunConfig, { parameters, frozen = 0, activations }: Cost): number {
  const vectors = distributed.localSteps > 1 ? 3 + 3 + 3 + 1 : 3;
  return Math.round(floatBytes * (parameters + vectors * (parameters - frozen) + activations));
}

/** Of a number on its way between ranks. */
const travelBytes = { none: floatBytes, bf16: 2, int8: 33 / 32 };

/**
 * Bytes that a rank sends and receives a step when as many workers train as may, each with one subtree: the vector of what learns
 * out, and twice the others' share of it in (docs/distributed.md, "Bytes"), compressed if it is to be; with local steps three such vectors a
 * round. 0 for one worker.
 */
export function bytesPerStep({ distributed }: RunConfig, { parameters, frozen = 0 }: Cost): number {
  const { maxWorkers: n, localSteps, compression } = distributed;
  const vectors = localSteps > 1 ? 3 / localSteps : 1;
  return n === 1 ? 0 : Math.round(vectors * travelBytes[compression] * (parameters - frozen) * (1 + (2 * (n - 1)) / n));
}

function pretraining(config: ConfigOf<'bert-pretrain'>): Cost {
  const { maxLength: T, microBatchSize, globalBatchSize } = config.training;
  const { maskProbability } = config.pretraining;
  const sizes = { ...config.model, vocabSize: config.tokenizer.vocabSize, typeVocabSize: 2, layerNormEps: 1e-12 };
  // the decoder works at the masked positions only
  const logits = 3 * microBatchSize * T * maskProbability * sizes.vocabSize;
  const aMaskedToken = 2 * sizes.hiddenSize * (sizes.hiddenSize + sizes.vocabSize);
  return {
    parameters: numbersIn(bertPretrainingParameters(sizes)),
    activations: encoderActivations(sizes, microBatchSize, T) + logits,
    flops: 3 * globalBatchSize * T * (encoderFlops(sizes, T) + maskProbability * aMaskedToken),
  };
}

function finetuning(config: ConfigOf<'bert-finetune'>, { base, labels = 2, regression }: Known): Cost {
  const { maxLength: T, microBatchSize, globalBatchSize } = config.training;
  const sizes = base ?? scratchSizes(config);
  const head: BertHeadShape = regression
    ? { kind: 'regression' }
    : { kind: config.model.head ?? 'sequence-classification', labels };
  const parameters = bertHeadParameters(sizes, head);
  const { freeze } = config.model;
  const frozen = scaledRates(parameters, sizes.numHiddenLayers, { freeze }).filter(({ rateScale }) => rateScale === 0);
  return {
    parameters: numbersIn(parameters),
    frozen: numbersIn(frozen),
    activations: encoderActivations(sizes, microBatchSize, T),
    flops: 3 * globalBatchSize * T * encoderFlops(sizes, T),
  };
}

/** completeBertFinetune has filled in the sizes of a model from scratch. */
const scratchSizes = ({ model, tokenizer }: ConfigOf<'bert-finetune'>): BertConfig =>
  ({ ...model, vocabSize: tokenizer.vocabSize, typeVocabSize: 2, layerNormEps: 1e-12 }) as BertConfig;

type EncoderSizes = Pick<BertConfig, 'hiddenSize' | 'intermediateSize' | 'numHiddenLayers' | 'numAttentionHeads'>;

/** For each layer about 16 activations as wide as the model and 3 as wide as the feed-forward layer a token, and the attention weights. */
const encoderActivations = (
  { hiddenSize: D, intermediateSize: I, numHiddenLayers: L, numAttentionHeads: H }: EncoderSizes,
  B: number,
  T: number,
): number => L * (B * T * (16 * D + 3 * I) + 3 * B * H * T * T);

/** Forward operations a token: the layers' matrices, and the attention over T tokens. */
const encoderFlops = ({ hiddenSize: D, intermediateSize: I, numHiddenLayers: L }: EncoderSizes, T: number): number =>
  L * (8 * D * D + 4 * D * I + 4 * T * D);

function translation(config: ConfigOf<'translate'>): Cost {
  const { model, tokenizer } = config;
  const { hiddenSize: D, numHiddenLayers: L } = model;
  const { maxLength: T, microBatchSize: B, globalBatchSize } = config.training;
  const V = tokenizer.vocabSize;
  const parameters = countTranslationParameters(model, { source: V, target: V, maxLength: T });
  const logits = 3 * B * T * V;
  const aTargetToken = 2 * D * V;
  if (model.architecture === 'transformer') {
    const sizes = model as typeof model & EncoderSizes;
    // a decoder's layer has a second attention, so both sides are about 2.5 encoders
    return {
      parameters,
      activations: 2.5 * encoderActivations(sizes, B, T) + logits,
      flops: 3 * globalBatchSize * T * (2.5 * encoderFlops(sizes, T) + aTargetToken),
    };
  }
  // a GRU has three gates of two matrices, D wide; attention scores every pair of positions by a layer as wide
  const attention = model.architecture === 'seq2seq-attention' ? 1 : 0;
  return {
    parameters,
    activations: 2 * L * B * T * 9 * D + attention * B * T * T * 2 * D + logits,
    flops: 3 * globalBatchSize * T * (2 * L * 12 * D * D + attention * 4 * T * D + aTargetToken),
  };
}

/** Only Nadaraya–Watson's kernel width is trained; the other experiments measure. */
function lab({ lab }: ConfigOf<'attention-lab'>): Cost {
  switch (lab.experiment) {
    case 'nadaraya-watson':
      return { parameters: 1, activations: 3 * lab.examples ** 2, flops: 30 * lab.examples ** 2 };
    case 'positions':
      return { parameters: 0, activations: 4 * lab.length * lab.hiddenSize, flops: 4 * lab.length * lab.hiddenSize };
    case 'layer-comparison': {
      const { hiddenSize: D, kernelSize: k, lengths, repeats } = lab;
      const longest = Math.max(...lengths);
      const aLength = (n: number) => n * (2 * k * D * D + 8 * D * D + 12 * D * D + 4 * n * D);
      return {
        parameters: 0,
        activations: 3 * longest * (longest + 4 * D),
        flops: 3 * repeats * lengths.reduce((sum, n) => sum + aLength(n), 0),
      };
    }
  }
}
