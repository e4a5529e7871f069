import { ProblemError } from '@regatta/client';
import { QueryCache, QueryClient } from '@tanstack/react-query';

/** Told when the API no longer knows the session: the router leads to the sign-in page. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // The router's guard asks who one is, and deals with the answer itself.
      if (error instanceof ProblemError && error.status === 401 && query.queryKey[0] !== 'me' && !query.meta?.early)
        onSignedOut();
    },
  }),
  defaultOptions: {
    queries: {
      // The page asks its own machine as a rule: the browser's idea of being online says nothing about it.
      networkMode: 'always',
      retry: (_, error) => !(error instanceof ProblemError) || error.retryable,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4000),
    },
    mutations: { networkMode: 'always' },
  },
});
