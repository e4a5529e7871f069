import { z } from 'zod';
import { type AttentionLabConfig, attentionLabBody, attentionLabRules, completeAttentionLab } from './attention-lab.js';
import { type BertFinetuneConfig, bertFinetuneBody, bertFinetuneRules, completeBertFinetune } from './bert-finetune.js';
import { type BertPretrainConfig, bertPretrainBody, bertPretrainRules, completeBertPretrain } from './bert-pretrain.js';
import type { Rule } from './common.js';
import { completeTranslate, type TranslateConfig, translateBody, translateRules } from './translate.js';

export { type AttentionLabConfig, type Lab, labExperiments } from './attention-lab.js';
export { type BertFinetuneConfig, type BertHead, bertHeads } from './bert-finetune.js';
export type { BertPretrainConfig } from './bert-pretrain.js';
export { type Architecture, architectures, type TranslateConfig, translationPresets } from './translate.js';

export const taskNames = ['bert-pretrain', 'bert-finetune', 'translate', 'attention-lab'] as const;
export type TaskName = (typeof taskNames)[number];

/** Body of POST /runs: what may be said depends on the task. Every field but task and dataset has a default. */
export const runBody = z.discriminatedUnion(
  'task',
  [bertPretrainBody, bertFinetuneBody, translateBody, attentionLabBody],
  { error: `must be one of ${taskNames.join(', ')}` },
);
export type RunBodyInput = z.input<typeof runBody>;

/** The complete configuration of a run: the body with presets and defaults filled in. What trains reads nothing else. */
export type RunConfig = BertPretrainConfig | BertFinetuneConfig | TranslateConfig | AttentionLabConfig;
export type ConfigOf<T extends TaskName> = Extract<RunConfig, { task: T }>;

/**
 * A body with its presets and defaults filled in, and the rules that cross fields checked.
 * @throws ZodError whose issues name the field and the mend
 */
export const runConfig = runBody.transform((body, context): RunConfig => {
  const { config, rules } = complete(body);
  for (const [holds, path, message] of rules) {
    if (!holds) context.addIssue({ code: 'custom', path: path.split('.'), message, input: body });
  }
  return config;
});

function complete(body: z.output<typeof runBody>): { config: RunConfig; rules: Rule[] } {
  const name = body.name ?? nameOf(body);
  switch (body.task) {
    case 'bert-pretrain': {
      const config = completeBertPretrain(body, name);
      return { config, rules: bertPretrainRules(body, config) };
    }
    case 'bert-finetune':
      return { config: completeBertFinetune(body, name), rules: bertFinetuneRules(body) };
    case 'translate': {
      const config = completeTranslate(body, name);
      return { config, rules: translateRules(body, config) };
    }
    case 'attention-lab':
      return { config: completeAttentionLab(body, name), rules: attentionLabRules(body) };
  }
}

function nameOf(body: z.output<typeof runBody>): string {
  if (body.task === 'attention-lab') return body.lab.experiment;
  const what = body.task === 'translate' ? body.model.architecture : body.task;
  return `${what} on ${body.dataset}`.slice(0, 200);
}
