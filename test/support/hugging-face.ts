import {
  type BertConfig,
  type BertHeadShape,
  bertHeadParameters,
  bertParameters,
  bertPretrainingParameters,
  huggingFaceConfig,
  huggingFaceHeadConfig,
  type ParameterShape,
} from '@regatta/models/shapes';
import { encodeSafetensors, type StoredTensor } from '@regatta/storage';

/** Odd, unequal sizes: V 13, D 6, P 9, I 7, 2 layers, 3 heads. */
export const tinySizes: BertConfig = {
  vocabSize: 13,
  hiddenSize: 6,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 7,
  maxPositionEmbeddings: 9,
  typeVocabSize: 2,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  layerNormEps: 1e-12,
  initializerRange: 0.02,
};

export const tinyVocab = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'cat', 'sat', '##s', 'on', 'a', 'mat'];
type Tensors = Map<string, StoredTensor>;

/** Parameters as transformers stores them: linear weights [out, in]; values tell tensors and places apart. */
export function tensorsOf(parameters: readonly ParameterShape[]): Tensors {
  return new Map(
    parameters.map(({ name, shape, layout }, i) => {
      const stored = layout === 'io' ? shape.toReversed() : shape;
      const size = stored.reduce((product, n) => product * n, 1);
      return [name, { shape: stored, data: Float32Array.from({ length: size }, (_, j) => Math.sin(31 * i + j)) }];
    }),
  );
}

export interface TinyBert {
  config: Record<string, unknown>;
  tensors: Tensors;
}

export const tinyPretraining = (): TinyBert => ({
  config: huggingFaceConfig(tinySizes),
  tensors: tensorsOf(bertPretrainingParameters(tinySizes)),
});
export const tinyEncoder = (): TinyBert => ({
  config: { ...huggingFaceConfig(tinySizes), architectures: ['BertModel'] },
  tensors: tensorsOf(bertParameters(tinySizes)),
});
export const tinyHead = (head: BertHeadShape, labels: string[] = []): TinyBert => ({
  config: huggingFaceHeadConfig(tinySizes, head, labels),
  tensors: tensorsOf(bertHeadParameters(tinySizes, head)),
});

/** The files that save_pretrained writes. */
export function folderOf({ config, tensors }: TinyBert): Record<string, Buffer> {
  return {
    'config.json': Buffer.from(JSON.stringify(config)),
    'model.safetensors': encodeSafetensors(tensors, { format: 'pt' }),
    'vocab.txt': Buffer.from(`${tinyVocab.join('\n')}\n`),
    'tokenizer_config.json': Buffer.from('{"do_lower_case": true}'),
  };
}
