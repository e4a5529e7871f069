export const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of nested groups by their paths: `{a: {b: 1}}` → `{'a.b': 1}`. Lists are values. */
export function flatten(group: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(group).flatMap(([name, value]) =>
      isGroup(value) ? Object.entries(flatten(value, `${prefix}${name}.`)) : [[prefix + name, value]],
    ),
  );
}

/** What stands at a path: `optimizer.learningRate`. */
export const valueAt = (group: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((place, name) => (isGroup(place) && Object.hasOwn(place, name) ? place[name] : undefined), group);
