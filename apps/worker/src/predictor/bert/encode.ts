import type { PairEncoding } from '@regatta/text';
import { invalid } from '../errors.js';
import type { BertInput, LoadedBert } from './loaded-bert.js';

export type EncodedText = BertInput & PairEncoding;

/**
 * `[CLS] text [SEP]` or `[CLS] text [SEP] textPair [SEP]`.
 *
 * @throws AppError `invalid` naming `path` where it is longer than the model's positions
 */
export function encodeText(model: LoadedBert, text: string, textPair: string | null, path: string): EncodedText {
  const encoding = model.tokenizer.encodePair(text, textPair);
  checkLength(model, encoding.ids.length, path);
  return { ...encoding, attentionMask: new Int32Array(encoding.ids.length).fill(1) };
}

export function checkLength({ description }: LoadedBert, tokens: number, path: string): void {
  const most = description.config.maxPositionEmbeddings;
  if (tokens > most) throw invalid(path, `${path} has ${tokens} tokens; the model takes ${most}.`, 'Shorten the text.');
}
