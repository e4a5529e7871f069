import type { Model } from '../../api/types.js';

export interface Lineage {
  /** The models that it comes from, the first one first; what is no longer in the list is known by its name alone. */
  bases: (Model | NonNullable<Model['base']>)[];
  /** The models that were fine-tuned from it, the oldest first. */
  made: Model[];
}

/** Where a model comes from and what was made from it, as far as these models tell. */
export function lineageOf(model: Model, models: readonly Model[]): Lineage {
  const byId = new Map(models.map((one) => [one.id, one]));
  const bases: Lineage['bases'] = [];
  for (let base = model.base; base !== null; ) {
    const known = byId.get(base.id);
    bases.unshift(known ?? base);
    base = known?.base ?? null;
  }
  const made = models.filter(({ base }) => base?.id === model.id);
  return { bases, made: made.sort((a, b) => a.createdAt.localeCompare(b.createdAt)) };
}
