import { QueryClient } from '@tanstack/react-query';
import { Refusal } from './client';

export const AGAIN_AFTER_MS = 3_000;

/** What comes back by itself is asked again: nobody answered, the service is behind or has too much to do. */
export const passes = (error: unknown): boolean => !(error instanceof Refusal) || [429, 503].includes(error.problem.status);

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (_count, error) => passes(error),
      retryDelay: AGAIN_AFTER_MS,
      // Else a lost network is waited for in silence.
      networkMode: 'always',
      refetchOnWindowFocus: false,
      staleTime: 0,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
