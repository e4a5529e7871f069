import { ProblemError } from '@regatta/client';
import type { RunStatus } from '@regatta/contracts';
import { runSortPattern, runStatuses } from '@regatta/contracts';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { datasetsQuery, meQuery, modelsQuery, type RunFilter, workersQuery } from './api/queries.js';
import { queryClient, whenSignedOut } from './api/query-client.js';
import { Shell } from './layout/shell.js';
import { NotFound } from './pages/not-found.js';
import { firstRuns } from './pages/runs/run-pages.js';
import { RunsPage } from './pages/runs/runs-page.js';

/** A page that is asked for before it is known who asks: the guard of the shell says what a 401 means. */
const early = { meta: { early: true } };

const root = createRootRoute({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { reason?: string; to?: string } => ({
    ...(typeof search.reason === 'string' && { reason: search.reason }),
    ...(typeof search.to === 'string' && search.to.startsWith('/') && !search.to.startsWith('//') && { to: search.to }),
  }),
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page.js'), 'SignInPage'),
});

/** Everything behind the sign-in. An API that does not answer is no reason to send someone away. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) return;
      throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { to: location.href } });
    }
  },
});

const runs = createRoute({
  getParentRoute: () => shell,
  path: '/',
  validateSearch: runFilterOf,
  component: RunsPage,
  staticData: { begin: (search) => void queryClient.prefetchInfiniteQuery({ ...firstRuns(search), ...early }) },
});

/** The part of an address that filters the list of runs; what does not fit is left out. */
function runFilterOf(search: Record<string, unknown>): RunFilter {
  const texts = (['task', 'project', 'tag', 'text'] as const).flatMap((name) =>
    search[name] === undefined || search[name] === '' ? [] : [[name, String(search[name])] as const],
  );
  const sort = String(search.sort ?? '');
  return {
    ...(runStatuses.includes(search.status as RunStatus) && { status: search.status as RunStatus }),
    ...Object.fromEntries(texts),
    ...(runSortPattern.test(sort) && sort !== '-createdAt' && { sort }),
  };
}

/** The texts of an address that are asked for by name. */
const textsOf = <Name extends string>(search: Record<string, unknown>, names: readonly Name[]) =>
  Object.fromEntries(names.flatMap((name) => (typeof search[name] === 'string' ? [[name, search[name]]] : []))) as {
    [name in Name]?: string;
  };

const compare = createRoute({
  getParentRoute: () => shell,
  path: '/compare',
  validateSearch: (search): { runs: string } => ({ runs: String(search.runs ?? '') }),
  component: lazyRouteComponent(() => import('./pages/compare/compare-page.js'), 'ComparePage'),
});

const run = createRoute({
  getParentRoute: () => shell,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./pages/run/run-page.js'), 'RunPage'),
});

const newRun = createRoute({
  getParentRoute: () => shell,
  path: '/new',
  validateSearch: (search) => textsOf(search, ['from', 'dataset', 'task', 'preset']),
  component: lazyRouteComponent(() => import('./pages/new-run/new-run-page.js'), 'NewRunPage'),
});

const datasets = createRoute({
  getParentRoute: () => shell,
  path: '/datasets',
  component: lazyRouteComponent(() => import('./pages/datasets/datasets-page.js'), 'DatasetsPage'),
  staticData: { begin: () => void queryClient.prefetchQuery({ ...datasetsQuery, ...early }) },
});

const models = createRoute({
  getParentRoute: () => shell,
  path: '/models',
  component: lazyRouteComponent(() => import('./pages/models/models-page.js'), 'ModelsPage'),
  staticData: { begin: () => void queryClient.prefetchQuery({ ...modelsQuery, ...early }) },
});

const model = createRoute({
  getParentRoute: () => shell,
  path: '/models/$modelId',
  component: lazyRouteComponent(() => import('./pages/models/model-page.js'), 'ModelPage'),
});

const playground = createRoute({
  getParentRoute: () => shell,
  path: '/playground',
  validateSearch: (search): { model?: string; view?: string; checkpoint?: number } => ({
    ...textsOf(search, ['model', 'view']),
    ...(Number.isSafeInteger(search.checkpoint) && { checkpoint: Number(search.checkpoint) }),
  }),
  component: lazyRouteComponent(() => import('./pages/playground/playground-page.js'), 'PlaygroundPage'),
  staticData: { begin: () => void queryClient.prefetchQuery({ ...modelsQuery, ...early }) },
});

const lab = createRoute({
  getParentRoute: () => shell,
  path: '/lab',
  component: lazyRouteComponent(() => import('./pages/lab/lab-page.js'), 'LabPage'),
});

const workers = createRoute({
  getParentRoute: () => shell,
  path: '/workers',
  component: lazyRouteComponent(() => import('./pages/workers/workers-page.js'), 'WorkersPage'),
  staticData: { begin: () => void queryClient.prefetchQuery({ ...workersQuery, ...early }) },
});

const apiKeys = createRoute({
  getParentRoute: () => shell,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys/api-keys-page.js'), 'ApiKeysPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    shell.addChildren([runs, run, compare, newRun, datasets, models, model, playground, lab, workers, apiKeys]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
});

/** Begins all that the page of this address needs at once; the router alone asks who one is, then for code, then for data. */
export function beginFirstPage(): void {
  const matches: { routeId: keyof typeof router.routesById; search: RunFilter }[] = router.matchRoutes(
    router.latestLocation,
  );
  for (const { routeId, search } of matches) {
    const { component, staticData } = router.routesById[routeId].options;
    void component?.preload?.();
    staticData?.begin?.(search);
  }
}

whenSignedOut(() => {
  queryClient.removeQueries({ queryKey: ['me'] });
  const { pathname, href } = router.state.location;
  if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { to: href } });
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** Asks for what the page shows first. */
    begin?: (search: RunFilter) => void;
  }
}
