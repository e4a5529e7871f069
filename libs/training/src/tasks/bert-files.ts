import type { WordPieceTokenizer } from '@regatta/text';

/** What stands beside a BERT's weights: with them a folder that transformers reads. `maxLength`: tokens that it was trained with. */
export function bertFiles(
  modelConfig: Record<string, unknown>,
  tokenizer: WordPieceTokenizer,
  maxLength: number,
): Record<string, Uint8Array> {
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return {
    'config.json': json(modelConfig),
    'vocab.txt': Buffer.from(tokenizer.vocabTxt()),
    'tokenizer.json': Buffer.from(tokenizer.tokenizerJson()),
    'tokenizer_config.json': json({
      tokenizer_class: 'BertTokenizer',
      do_lower_case: tokenizer.lowercase,
      model_max_length: maxLength,
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      mask_token: '[MASK]',
    }),
  };
}
