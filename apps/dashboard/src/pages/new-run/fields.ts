import { runBody } from '@regatta/contracts';
import { z } from 'zod';

/** One field of the form, as the schema of a run's body describes it. */
export interface Field {
  /** Where it stands in the body: `training.maxSteps`. */
  path: string;
  name: string;
  kind: 'number' | 'integer' | 'text' | 'boolean' | 'choice';
  help: string;
  choices?: string[];
  min?: number;
  max?: number;
  /** What it is where nothing is entered. */
  initial?: unknown;
}

export interface FieldGroup {
  name: string;
  fields: Field[];
}

interface Schema {
  type?: string;
  enum?: string[];
  const?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  /** A union: one alternative for each task, or each experiment. */
  oneOf?: Schema[];
  anyOf?: Schema[];
}

/** Fields with places of their own at the top of the form, or without a use in it. */
const elsewhere = new Set([
  'name',
  'task',
  'dataset',
  'model.preset',
  'model.base',
  'training.maxSteps',
  'project',
  'tags',
  'lab.experiment',
]);

const whole = z.toJSONSchema(runBody, { io: 'input' }) as Schema;

/** The alternative of a union in which `field` has this value. */
function alternative({ oneOf = [], anyOf = [] }: Schema, field: string, value: string): Schema | undefined {
  return [...oneOf, ...anyOf].find(({ properties }) => properties?.[field]?.const === value);
}

/**
 * The groups of a task's form, from the same schema that validates the body: a new field appears here by itself.
 * @param experiment which one of attention-lab's
 */
export function fieldGroups(task: string, experiment = 'nadaraya-watson'): FieldGroup[] {
  const schema = alternative(whole, 'task', task);
  const groups: FieldGroup[] = [{ name: 'general', fields: [] }];
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const one = alternative(property, 'experiment', experiment) ?? property;
    if (one.properties) groups.push({ name, fields: leaves(one, name) });
    else if (!elsewhere.has(name)) groups[0].fields.push(...leaf(one, name));
  }
  return [...groups.slice(1), groups[0]].filter(({ fields }) => fields.length > 0);
}

function leaves(schema: Schema, prefix: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}.${name}`;
    if (elsewhere.has(path)) return [];
    return property.properties ? leaves(property, path) : leaf(property, path);
  });
}

function leaf(schema: Schema, path: string): Field[] {
  // A constant leaves nothing to choose.
  if (schema.const !== undefined || schema.enum?.length === 1) return [];
  const kind = schema.enum ? 'choice' : schema.type === 'string' ? 'text' : schema.type;
  if (kind !== 'choice' && kind !== 'text' && kind !== 'number' && kind !== 'integer' && kind !== 'boolean') return [];
  return [
    {
      path,
      name: path.slice(path.lastIndexOf('.') + 1),
      kind,
      help: schema.description ?? '',
      choices: schema.enum,
      min: schema.minimum,
      max: schema.maximum,
      initial: schema.default,
    },
  ];
}

/** A body of the fields that were entered, nested by their paths. */
export function bodyOf(values: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined || value === '') continue;
    const names = path.split('.');
    let place = body;
    for (const name of names.slice(0, -1)) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[names[names.length - 1]] = value;
  }
  return body;
}
