import { answer } from '@regatta/client';
import type { Page, Run } from '@regatta/contracts';
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type RefObject, useMemo } from 'react';
import { client } from '../../api/client.js';
import { isFinished, type RunFilter } from '../../api/queries.js';

/** The first page is asked for again and again; those below it are read once, by the most that the interface gives. */
const size = { first: 50, below: 200 };
const everyMs = 2000;
/** The next page is asked for while so many rows are left below those in sight. */
export const fetchAhead = 200;
/** So many pages are looked through for the place up to which the first one was known. */
const mostNewPages = 4;

type Pages = InfiniteData<Page<Run>, string | undefined>;

const read = (filter: RunFilter, cursor?: string): Promise<Page<Run>> =>
  answer(
    client.GET('/api/v1/runs', {
      params: { query: { ...filter, limit: cursor === undefined ? size.first : size.below, cursor } },
    }),
  );

const keyOf = (filter: RunFilter) => ['run-pages', filter] as const;

/** The pages of the list as they are read first. */
export const firstRuns = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: keyOf(filter),
    queryFn: ({ pageParam }) => read(filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Run>) => page.nextCursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

/**
 * The runs that match, page by page as one scrolls. Of thousands that were scrolled past, only the first page and those in
 * sight with an active run are asked for again, every two seconds: a long list costs no more than a short one.
 * @param seen first and last index in sight, written by who draws the list
 */
export function useRuns(filter: RunFilter, seen: RefObject<[number, number]>) {
  const queryClient = useQueryClient();
  const pages = useInfiniteQuery({ ...firstRuns(filter), placeholderData: (before) => before });
  const refresh = useQuery({
    queryKey: ['run-refresh', filter],
    queryFn: async () => {
      await renew(queryClient, filter, seen.current);
      return Date.now();
    },
    refetchInterval: everyMs,
    enabled: pages.isSuccess && !pages.isPlaceholderData,
  });
  const runs = useMemo(() => pages.data && flat(pages.data.pages), [pages.data]);
  return { ...pages, runs, renew: () => void refresh.refetch() };
}

/** A row that moved between two pages since one of them was read stands once. */
const flat = (pages: readonly Page<Run>[]): Run[] => [
  ...new Map(pages.flatMap(({ items }) => items).map((run) => [run.id, run])).values(),
];

async function renew(queryClient: QueryClient, filter: RunFilter, [first, last]: [number, number]): Promise<void> {
  const known = queryClient.getQueryData<Pages>(keyOf(filter));
  if (!known) return;
  const head = await renewedHead(filter, known.pages);
  if (!head.joined) {
    queryClient.setQueryData<Pages>(keyOf(filter), { pages: [head.page], pageParams: [undefined] });
    return;
  }
  const renewed = new Map([[0, head.page]]);
  let start = 0;
  for (const [index, { items }] of known.pages.entries()) {
    const inSight = start <= last && start + items.length > first;
    start += items.length;
    if (index > 0 && inSight && !items.every(isFinished))
      renewed.set(index, await read(filter, known.pageParams[index]));
  }
  queryClient.setQueryData<Pages>(
    keyOf(filter),
    (now) => now && { ...now, pages: now.pages.map((page, index) => renewed.get(index) ?? page) },
  );
}

/** The first page as it is now, with what came before it, up to where the second one begins. */
async function renewedHead(
  filter: RunFilter,
  [head, ...others]: readonly Page<Run>[],
): Promise<{ page: Page<Run>; joined: boolean }> {
  const fresh = await read(filter);
  if (others.length === 0) return { page: fresh, joined: true };
  const end = head.items.at(-1)?.id;
  const items = [...fresh.items];
  let cursor = fresh.nextCursor;
  for (let more = 0; more < mostNewPages; more++) {
    const at = items.findIndex(({ id }) => id === end);
    if (at >= 0) return { page: { items: items.slice(0, at + 1), nextCursor: head.nextCursor }, joined: true };
    if (cursor === null) break;
    const next = await read(filter, cursor);
    items.push(...next.items);
    cursor = next.nextCursor;
  }
  // What ended the first page is gone or far away: the list begins anew.
  return { page: fresh, joined: false };
}
