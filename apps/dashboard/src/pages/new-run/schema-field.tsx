import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { words } from '../../lib/format.js';
import type { Field } from './fields.js';

interface SchemaFieldProps {
  field: Field;
  value: unknown;
  /** undefined: back to the default. */
  onChange: (value: unknown) => void;
  error?: string;
}

/** The control that fits a field of the schema. What stands in it greyed is what holds if nothing is entered. */
export function SchemaField({ field, value, onChange, error }: SchemaFieldProps) {
  const shared = { label: words(field.name), description: field.help || undefined, error };
  const initial = field.initial === undefined ? 'as the preset' : String(field.initial);
  switch (field.kind) {
    case 'boolean':
      return (
        <Switch
          {...shared}
          checked={(value ?? field.initial ?? false) === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={field.choices}
          placeholder={initial}
          value={value === undefined && field.initial === undefined ? null : String(value ?? field.initial)}
          onChange={(choice) => onChange(choice ?? undefined)}
        />
      );
    case 'text':
      return (
        <TextInput
          {...shared}
          placeholder={initial}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    default:
      return (
        <NumberInput
          {...shared}
          placeholder={initial}
          value={typeof value === 'number' ? value : ''}
          onChange={(entered) => onChange(typeof entered === 'number' ? entered : undefined)}
          min={field.min}
          max={field.max}
          allowDecimal={field.kind === 'number'}
          decimalScale={field.kind === 'number' ? 12 : 0}
          step={field.kind === 'number' ? 0.001 : 1}
          clampBehavior="none"
        />
      );
  }
}
