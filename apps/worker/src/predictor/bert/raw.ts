import type { PredictBodyOf, PredictResult } from '@regatta/contracts';
import { invalid } from '../errors.js';
import { nested } from '../tensor.js';
import { checkLength } from './encode.js';
import type { OutputName } from './graphs.js';
import type { BertInput, LoadedBert } from './loaded-bert.js';

type Raw = Extract<PredictBodyOf<'regression'>, { inputIds: unknown }>;

/** Everything that the model's heads say of token ids, batch first; `hiddenStates` is [layer][input][token][number]. */
export async function raw(model: LoadedBert, body: Raw): Promise<PredictResult> {
  const asked: OutputName[] = [...model.headOutputs(), ...(body.returnHiddenStates ? ['hiddenStates' as const] : [])];
  const outputs = await model.run(
    body.inputIds.map((_, i) => rawInput(model, body, i)),
    asked,
  );
  const byInput = (name: OutputName) => outputs.map((output) => nested<never>(output[name] as never) as never);
  const { hiddenStates, ...heads } = Object.fromEntries(asked.map((name) => [name, byInput(name)]));
  if (!hiddenStates) return heads;
  const layers: never[] = hiddenStates[0];
  return { ...heads, hiddenStates: layers.map((_, layer) => hiddenStates.map((input: never[]) => input[layer])) };
}

function rawInput(model: LoadedBert, body: Raw, i: number): BertInput {
  const { vocabSize, typeVocabSize } = model.description.config;
  const ids = body.inputIds[i];
  checkLength(model, ids.length, `inputIds.${i}`);
  const row = (name: 'inputIds' | 'tokenTypeIds' | 'attentionMask', limit: number, otherwise: number): number[] => {
    const given = body[name];
    const values = given === undefined ? new Array<number>(ids.length).fill(otherwise) : given[i];
    const path = `${name}.${i}`;
    if (given !== undefined && given.length !== body.inputIds.length) {
      throw invalid(name, `${name} has ${given.length} rows, inputIds ${body.inputIds.length}.`, 'Give as many.');
    }
    if (values.length !== ids.length) {
      throw invalid(path, `${path} has ${values.length} numbers, inputIds.${i} ${ids.length}.`, 'Give as many.');
    }
    const wrong = values.find((value) => value >= limit);
    if (wrong !== undefined) {
      throw invalid(
        path,
        `${path} holds ${wrong}; the model knows 0 to ${limit - 1}.`,
        "Use ids of the model's own tokenizer.",
      );
    }
    return values;
  };
  const attentionMask = row('attentionMask', 2, 1);
  if (!attentionMask.includes(1)) {
    throw invalid(`attentionMask.${i}`, `attentionMask.${i} hides every token.`, 'Leave at least one to attend to.');
  }
  return {
    ids: row('inputIds', vocabSize, 0),
    tokenTypeIds: row('tokenTypeIds', typeVocabSize, 0),
    attentionMask,
  };
}
