import type { Prisma } from '../database/database.js';
import type { ConfigChange } from './fork-changes.js';
import type { LedgerLine } from './ledger.js';

/** What a fork starts from. */
export interface ForkOrigin {
  parent: { id: string; name: string };
  step: number;
  changed: ConfigChange[];
  /** The copy that it goes on from. */
  checkpoint: Prisma.CheckpointUncheckedCreateWithoutRunInput;
}

export const forkColumns = ({ parent, step, checkpoint }: ForkOrigin) => ({
  forkedFromId: parent.id,
  forkedFromName: parent.name,
  forkedFromStep: step,
  step,
  checkpoints: { create: checkpoint },
});

/** The first line of a fork's ledger. */
export function forkedLine({ parent, step, changed }: ForkOrigin): LedgerLine {
  const told = changed.filter(({ path }) => path !== 'name');
  const say = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
  const what = told.map(({ path, before, after }) => `${path} ${say(after)} (before: ${say(before)})`).join(', ');
  return {
    key: 'forked',
    type: 'forked',
    time: new Date(),
    step,
    generation: 0,
    message: `This run starts from the checkpoint of step ${step} of ${parent.name}, with ${what || 'nothing changed'}.`,
    data: { run: parent.id, step, changed: JSON.parse(JSON.stringify(told)) as Prisma.InputJsonArray },
  };
}
