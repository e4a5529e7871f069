import { NumberInput, Select, SimpleGrid, TextInput } from '@mantine/core';
import { bertPresets } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { datasetsQuery, modelsQuery } from '../../api/queries.js';
import { taskView } from '../../lib/tasks.js';

interface BasicsProps {
  values: Record<string, unknown>;
  set: (path: string, value: unknown) => void;
  errorOf: (path: string) => string | undefined;
}

/** What every run of a task is asked first: its name, its data, its model, its length. */
export function Basics({ values, set, errorOf }: BasicsProps) {
  const { task, kinds, builtIn } = taskView(String(values.task));
  const datasets = useQuery(datasetsQuery);
  const own = (datasets.data ?? []).filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  const names = [...new Set([...own, ...builtIn, ...(values.dataset ? [String(values.dataset)] : [])])];
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <TextInput
        label="Name"
        placeholder={values.dataset ? `${task} on ${values.dataset}` : task}
        value={String(values.name ?? '')}
        onChange={(event) => set('name', event.currentTarget.value || undefined)}
        error={errorOf('name')}
      />
      {kinds.length > 0 && (
        <Select
          label="Dataset"
          data={names}
          value={String(values.dataset ?? '')}
          onChange={(dataset) => set('dataset', dataset ?? undefined)}
          error={errorOf('dataset')}
          allowDeselect={false}
          searchable
        />
      )}
      {task === 'bert-finetune' && <Base values={values} set={set} errorOf={errorOf} />}
      {task === 'translate' && (
        <Select
          label="Model"
          data={['debug', 'tiny', 'base'].map((value) => ({ value, label: `${value} size` }))}
          value={String(values['model.preset'] ?? 'tiny')}
          onChange={(preset) => set('model.preset', preset ?? undefined)}
          error={errorOf('model.preset')}
          allowDeselect={false}
        />
      )}
      {(task === 'bert-pretrain' || (task === 'bert-finetune' && !values['model.base'])) && (
        <Select
          label="Model"
          data={Object.entries(bertPresets).map(([value, sizes]) => ({
            value,
            label: `${value}: ${sizes.numHiddenLayers} layers, ${sizes.hiddenSize} wide`,
          }))}
          value={String(values['model.preset'] ?? 'bert-tiny')}
          onChange={(preset) => set('model.preset', preset ?? undefined)}
          error={errorOf('model.preset')}
          allowDeselect={false}
        />
      )}
      {task !== 'attention-lab' && (
        <NumberInput
          label="Steps"
          placeholder="1,000"
          value={typeof values['training.maxSteps'] === 'number' ? values['training.maxSteps'] : ''}
          onChange={(steps) => set('training.maxSteps', typeof steps === 'number' ? steps : undefined)}
          error={errorOf('training.maxSteps')}
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          clampBehavior="none"
        />
      )}
    </SimpleGrid>
  );
}

/** The model that fine-tuning starts from; none: from scratch. */
function Base({ values, set, errorOf }: BasicsProps) {
  const models = useQuery(modelsQuery);
  const data = (models.data ?? [])
    .filter(({ kind }) => kind !== 'translation')
    .map(({ id, name, step }) => ({ value: id, label: `${name}, step ${step}` }));
  return (
    <Select
      label="Base"
      placeholder="from scratch"
      data={data}
      value={typeof values['model.base'] === 'string' ? values['model.base'] : null}
      onChange={(base) => {
        set('model.base', base ?? undefined);
        // A base brings its own sizes.
        if (base !== null) set('model.preset', undefined);
      }}
      error={errorOf('model.base')}
      clearable
      searchable
      nothingFoundMessage="No model yet: pretrain one first"
    />
  );
}
