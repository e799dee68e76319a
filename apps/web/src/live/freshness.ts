/**
 * Keeps queries fresh by events, gently. Events are collected, and at most four times a second the
 * queries they concern are fetched again. A query whose fetch is under way waits for its end, and
 * then rests three times as long as the fetch took: a slow list under thousands of events costs the
 * API a quarter of its time at most, and never starves.
 */
import {
  partialMatchKey,
  type Query,
  type QueryClient,
  type QueryKey,
} from '@tanstack/react-query';
import { keysOf } from '../api/keys.ts';
import { onLive } from './hub.ts';

const beatMs = 250;
const restFactor = 3;

/** @returns ends it */
export function keepFresh(queryClient: QueryClient): () => void {
  /** What events have made old since the last beat, by its text. */
  const old = new Map<string, QueryKey>();
  /** Hashes of the queries that are to be fetched again. */
  const waiting = new Set<string>();
  const startedMs = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function beatSoon(): void {
    timer ??= setTimeout(beat, beatMs);
  }

  function beat(): void {
    timer = undefined;
    const prefixes = [...old.values()];
    old.clear();
    const all = queryClient.getQueryCache().getAll();
    const present = new Set<string>();
    const ready = new Set<string>();
    for (const query of all) {
      present.add(query.queryHash);
      if (prefixes.some((prefix) => partialMatchKey(query.queryKey, prefix)))
        waiting.add(query.queryHash);
      if (waiting.has(query.queryHash) && isRested(query)) ready.add(query.queryHash);
    }
    for (const hash of ready) {
      waiting.delete(hash);
      startedMs.set(hash, Date.now());
    }
    for (const hash of [...waiting, ...startedMs.keys()]) {
      if (present.has(hash)) continue;
      waiting.delete(hash);
      startedMs.delete(hash);
    }
    if (ready.size > 0)
      void queryClient.invalidateQueries({ predicate: ({ queryHash }) => ready.has(queryHash) });
    if (waiting.size > 0) beatSoon();
  }

  function isRested(query: Query): boolean {
    if (query.state.fetchStatus !== 'idle') return false;
    const { dataUpdatedAt } = query.state;
    const tookMs = dataUpdatedAt - (startedMs.get(query.queryHash) ?? dataUpdatedAt);
    return Date.now() - dataUpdatedAt >= restFactor * tookMs;
  }

  const stop = onLive({
    onEvent: (event) => {
      for (const key of keysOf(event)) old.set(key.join('\n'), key);
      beatSoon();
    },
    onGap: () => void queryClient.invalidateQueries(),
    onBack: () => void queryClient.invalidateQueries({ predicate: hasFailed }),
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

/** Requests that were made while the API was away. */
function hasFailed({ state }: Query): boolean {
  return state.status === 'error' || state.fetchFailureCount > 0;
}
