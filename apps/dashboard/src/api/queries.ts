import { answer, ProblemError } from '@regatta/client';
import { type Role, type Run, type RunStatus, roles } from '@regatta/contracts';
import { infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { client } from './client.js';

const second = 1000;
const finished: readonly RunStatus[] = ['completed', 'failed', 'cancelled'];
export const isFinished = (run: Run): boolean => finished.includes(run.status);

export interface RunFilter {
  status?: RunStatus;
  task?: string;
  project?: string;
  tag?: string;
  text?: string;
  /** As `runSortPattern` has it. */
  sort?: string;
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => answer(client.GET('/api/v1/me')),
  staleTime: 60 * second,
  retry: (failures, error) => !(error instanceof ProblemError) && failures < 3,
});

/** Whether the one who is signed in has at least this role; a button without effect is not shown. */
export function useMay(role: Role): boolean {
  const { data } = useQuery(meQuery);
  return data !== undefined && roles.indexOf(data.role) >= roles.indexOf(role);
}

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async () => (await answer(client.GET('/api/v1/api-keys'))).items,
});

/** Pages of runs, newest first, anew every 2 s. */
export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ['runs', filter],
    queryFn: ({ pageParam }) =>
      answer(client.GET('/api/v1/runs', { params: { query: { ...filter, limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: 2 * second,
    placeholderData: keepPreviousData,
  });

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: async () => (await answer(client.GET('/api/v1/projects', { params: { query: { limit: 200 } } }))).items,
  staleTime: 30 * second,
});

export const compareQuery = (runIds: readonly string[]) =>
  queryOptions({
    queryKey: ['compare', runIds],
    queryFn: () => answer(client.GET('/api/v1/compare', { params: { query: { runIds: runIds.join(',') } } })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.runs.every((run) => finished.includes(run.status)) ? false : 3 * second,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: () => answer(client.GET('/api/v1/runs/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isFinished(state.data) ? false : second),
    retry: (failures, error) => !(error instanceof ProblemError && error.status === 404) && failures < 3,
  });

export const metricsQuery = (run: Run, names: string, maxPoints: number) =>
  queryOptions({
    queryKey: ['metrics', run.id, names, maxPoints],
    queryFn: async () => {
      const params = { path: { id: run.id }, query: { names, maxPoints } };
      return (await answer(client.GET('/api/v1/runs/{id}/metrics', { params }))).series;
    },
    refetchInterval: isFinished(run) ? false : 4 * second,
    staleTime: isFinished(run) ? 60 * second : 0,
  });

export const checkpointsQuery = (run: Run) =>
  queryOptions({
    // Another key at the end: what was saved last is asked for once more.
    queryKey: ['checkpoints', run.id, isFinished(run)],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const params = { path: { id: run.id } };
      return (await answer(client.GET('/api/v1/runs/{id}/checkpoints', { params }))).items;
    },
    refetchInterval: isFinished(run) ? false : 3 * second,
  });

/** What the evaluations of a run left, the newest first. */
export const samplesQuery = (run: Run) =>
  queryOptions({
    queryKey: ['samples', run.id, isFinished(run)],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const params = { path: { id: run.id }, query: { limit: 200 } };
      return (await answer(client.GET('/api/v1/runs/{id}/samples', { params }))).items;
    },
    refetchInterval: ({ state }) => (isFinished(run) && state.data?.length ? false : 5 * second),
  });

/** The newest events of a run that waits, for the sentence that says why. */
export const waitReasonQuery = (runId: string) =>
  queryOptions({
    queryKey: ['events', runId],
    queryFn: async () => {
      const params = { path: { id: runId }, query: { limit: 200 } };
      return (await answer(client.GET('/api/v1/runs/{id}/events', { params }))).items;
    },
    refetchInterval: 3 * second,
  });

export const datasetsQuery = queryOptions({
  queryKey: ['datasets'],
  queryFn: async () => (await answer(client.GET('/api/v1/datasets', { params: { query: { limit: 200 } } }))).items,
  refetchInterval: 10 * second,
});

export const datasetPreviewQuery = (id: string) =>
  queryOptions({
    queryKey: ['dataset-preview', id],
    queryFn: () => answer(client.GET('/api/v1/datasets/{id}/preview', { params: { path: { id } } })),
  });

/** Models that a page knows of: the newest. */
export const mostModels = 200;

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async () => (await answer(client.GET('/api/v1/models', { params: { query: { limit: mostModels } } }))).items,
  refetchInterval: 10 * second,
});

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ['model', id],
    queryFn: () => answer(client.GET('/api/v1/models/{id}', { params: { path: { id } } })),
    retry: (failures, error) => !(error instanceof ProblemError && error.status === 404) && failures < 3,
  });

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: async () => (await answer(client.GET('/api/v1/workers'))).items,
  refetchInterval: second,
});
