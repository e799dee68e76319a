/** Checks a draft whenever it has rested for a moment. Nothing is stored, and nothing is spent. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { checkDraft, type Draft } from './draft.ts';

const settleMs = 350;

export function usePreview(draft: Draft) {
  const [settled, setSettled] = useState({ draft, number: 0 });
  useEffect(() => {
    const timer = setTimeout(
      () => setSettled(({ number }) => ({ draft, number: number + 1 })),
      settleMs,
    );
    return () => clearTimeout(timer);
  }, [draft]);
  const { source, ...rest } = settled.draft;
  const query = useQuery({
    queryKey: ['batch-preview', settled.number],
    queryFn: ({ signal }) => (source === null ? null : checkDraft({ source, ...rest }, signal)),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const isFresh = settled.draft === draft && !query.isPlaceholderData && !query.isFetching;
  const hasSource = draft.source !== null;
  return {
    /** What was read last; undefined while nothing was. */
    preview: hasSource && query.error === null ? (query.data ?? undefined) : undefined,
    problem: hasSource && isFresh ? (query.error ?? null) : null,
    isReading: hasSource && !isFresh,
    /** The preview is that of the draft as it stands. */
    isFresh,
  };
}
