/**
 * The cache of what the API answered. Events of the API say when something is old (live/), so data
 * is not polled. Requests that fail because the API is away are repeated until it is back; a
 * refusal is not repeated.
 */
import { ApiError } from '@kiln/client/client';
import { QueryClient } from '@tanstack/react-query';

const longestWaitMs = 5_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always', // the API is often on this machine, whatever the network does
      staleTime: 60_000,
      retry: (failures, error) => isPassing(error) && failures < 100,
      retryDelay: (failures, error) =>
        (error instanceof ApiError ? error.retryAfterMs : null) ??
        Math.min(longestWaitMs, 250 * 2 ** failures),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** Whether the same request may succeed later: the API is away, or asks to wait. */
function isPassing(error: Error): boolean {
  if (!(error instanceof ApiError)) return error instanceof TypeError; // of fetch: no connection
  return [429, 502, 503, 504].includes(error.status);
}
