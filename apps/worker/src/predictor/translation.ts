import { AppError } from '@regatta/contracts';
import type { Engine } from '@regatta/engine';
import { readExamples } from '@regatta/text';
import { evaluateTranslation, Translator } from '@regatta/training';
import { checkAttention } from './bert/attention.js';
import { bodyOf } from './body.js';
import { invalid } from './errors.js';
import { inSplit } from './measured-data.js';
import type { LoadedModel } from './model.js';
import { exportTranslation } from './translation-export.js';

/** How a data set is translated, as in the evaluations of a run: greedily. */
const measuring = { beamSize: 1, lengthPenalty: 0.6 };

/** A translation model from the files of its checkpoint. @throws AppError `invalid` */
export function loadTranslation(engine: Engine, files: Record<string, Buffer>): LoadedModel {
  const translator = Translator.load(engine, files);
  return {
    kind: 'translation',
    bytes: translator.programs.space.w.byteLength,
    async predict(body) {
      const { inputs, returnAttention, ...options } = bodyOf('translation', body);
      checkAttention(returnAttention, inputs.length);
      const translations = await translator.translate(inputs, { ...options, returnAttention });
      const [{ attention }] = translations;
      return {
        results: translations.map(({ text, score, tokens }) => ({ text, score, tokens })),
        ...(attention && { attention }),
      };
    },
    async embed() {
      throw new AppError('invalid', 'A translation model gives no vectors.', { next: 'Ask a BERT for them.' });
    },
    async evaluate({ kind, bytes, split }) {
      if (kind !== 'translation') {
        throw invalid(
          'dataset',
          `A translation model cannot be measured on a data set of the kind ${kind}.`,
          'Choose parallel text.',
        );
      }
      return evaluateTranslation(translator, inSplit(readExamples(kind, bytes), split), measuring);
    },
    exportOnnx: () => exportTranslation(translator),
    dispose: () => translator.dispose(),
  };
}
