import { createContext, useContext } from 'react';

/** What a page that shows the same tables twice tells them apart by: `on another dataset`. */
export const ToldApart = createContext('');

/** The name of a region: the same one twice on a page says nothing to who can't see it. */
export function useRegionName(name: string): string {
  const by = useContext(ToldApart);
  return by === '' ? name : `${name}, ${by}`;
}
