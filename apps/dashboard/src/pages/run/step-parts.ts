import type { RunFeed } from '../../live/run-feed.js';

/** Parts of a step in their order, in ms: they add up to its time. */
interface StepPart {
  name: string;
  ms: number;
}

/**
 * Where the last step of a rank went. The finer parts are told every tenth step only, so that they may be of an earlier one; empty until the
 * first of them has come.
 */
export function stepParts(feed: Pick<RunFeed, 'last'>, rank: number): StepPart[] {
  const of = (what: string) => feed.last(`rank.${rank}.${what}`) ?? 0;
  if (feed.last(`rank.${rank}.updateMs`) == null) return [];
  const [masks, sum, wait, update] = ['masksMs', 'sumMs', 'waitMs', 'updateMs'].map(of) as [
    number,
    number,
    number,
    number,
  ];
  return [
    { name: 'Forward and backward', ms: Math.max(0, of('computeMs') - masks - sum) },
    { name: 'Dropout masks', ms: masks },
    { name: 'Sum of shards', ms: sum },
    { name: 'Waiting for the others', ms: wait },
    { name: 'Exchange', ms: Math.max(0, of('allReduceMs') - wait) },
    { name: 'Update', ms: update },
  ];
}
