import { Injectable } from '@nestjs/common';
import {
  AppError,
  type BertHead,
  type ConfigOf,
  type DatasetKind,
  datasetKinds,
  type FieldError,
  headsOf,
  type RunConfig,
} from '@regatta/contracts';
import type { BertConfig } from '@regatta/models/shapes';
import { bertConfigOf } from '@regatta/models/shapes';
import type { DatasetRow } from '../datasets/dataset-view.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import type { ModelRow } from '../models/model-view.js';
import { ModelsService } from '../models/models.service.js';

/** A run's configuration with what it names: its data and the model that it starts from. */
export interface RunInputs {
  config: RunConfig;
  dataset: DatasetRow | null;
  base: { model: ModelRow; sizes: BertConfig } | null;
}

/** Finds what a run's configuration names, and checks that it fits together. */
@Injectable()
export class RunInputsService {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly models: ModelsService,
  ) {}

  /**
   * @param chosen ids in the place of the names in the configuration: of what an earlier run had
   * @throws AppError invalid naming the field that does not fit
   */
  async resolve(config: RunConfig, chosen: { dataset?: string; base?: string } = {}): Promise<RunInputs> {
    const data = chosen.dataset ?? config.dataset;
    const dataset = data === undefined ? null : await this.datasets.resolve(data);
    if (dataset) mustTrain(config, dataset.kind as DatasetKind);
    if (config.task !== 'bert-finetune') return { config, dataset, base: null };
    const named = chosen.base ?? config.model.base;
    const base = named === undefined ? null : await this.base(named);
    const complete = withHead(config, dataset?.kind as DatasetKind);
    mustFit(complete, base?.sizes ?? null);
    return { config: complete, dataset, base };
  }

  private async base(reference: string): Promise<NonNullable<RunInputs['base']>> {
    const model = await this.models.find(reference);
    if (!model) throw wrong('model.base', `there is no model of the id or name ${JSON.stringify(reference)}`);
    const sizes = bertConfigOf(model.config);
    if (!sizes) throw wrong('model.base', `is no BERT but a model for ${model.kind}: it cannot be fine-tuned`);
    if (!(await this.models.hasWeights(model)))
      throw wrong('model.base', 'is a model whose weights are gone: its checkpoint was deleted');
    return { model, sizes };
  }
}

/** Kinds of data that a task learns from. */
const kindsOf = (task: RunConfig['task']): readonly DatasetKind[] => {
  if (task === 'bert-pretrain') return ['text'];
  if (task === 'translate') return ['translation'];
  return task === 'bert-finetune' ? datasetKinds.filter((kind) => headsOf[kind].length > 0) : [];
};

function mustTrain({ task }: RunConfig, kind: DatasetKind): void {
  const kinds = kindsOf(task);
  if (!kinds.includes(kind)) throw wrong('dataset', `is of the kind ${kind}; ${task} takes ${kinds.join(', ')}`);
}

/** The head that the data asks for, where none was named. */
function withHead(config: ConfigOf<'bert-finetune'>, kind: DatasetKind): ConfigOf<'bert-finetune'> {
  const heads = headsOf[kind];
  const head = config.model.head ?? (heads[0] as BertHead);
  if (!heads.includes(head))
    throw wrong('model.head', `must be ${heads.join(' or ')}: the dataset is of the kind ${kind}`);
  return { ...config, model: { ...config.model, head } };
}

/** Lengths and layers against those of the base (or, from scratch, of the model itself). */
function mustFit({ model, training }: ConfigOf<'bert-finetune'>, base: BertConfig | null): void {
  const layers = base?.numHiddenLayers ?? (model.numHiddenLayers as number);
  const errors: FieldError[] = model.freeze.flatMap((part, i) => {
    const layer = /^encoder\.(\d+)$/.exec(part)?.[1];
    return layer !== undefined && Number(layer) >= layers
      ? [
          {
            path: `model.freeze.${i}`,
            message: `must name one of the ${layers} layers, encoder.0 to encoder.${layers - 1}`,
          },
        ]
      : [];
  });
  if (base && training.maxLength > base.maxPositionEmbeddings)
    errors.push({
      path: 'training.maxLength',
      message: `must not exceed the ${base.maxPositionEmbeddings} positions of the base`,
    });
  if (errors.length > 0) throw invalid(errors);
}

const wrong = (path: string, message: string): AppError => invalid([{ path, message }]);
const invalid = (errors: FieldError[]): AppError =>
  new AppError(
    'invalid',
    `The run is not valid: ${errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
    {
      errors,
    },
  );
