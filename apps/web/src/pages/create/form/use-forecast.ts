/**
 * What the API says about the draft before it is sent: problems, cost, start and end. It costs
 * nothing. It is asked again when the visitor rests, and when the queue has moved.
 */
import { answer } from '@kiln/client/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import type { BuiltRequest } from '../draft/to-request.ts';
import type { Validation } from '../draft/types.ts';

const restMs = 350;
/** Stands in for a prompt that is not written yet, so that the cost is known from the start. */
const standIn = '…';

export interface Forecast {
  validation: Validation | null;
  /** When it was asked, Unix seconds: its times count from here. */
  askedAt: number;
  /** It belongs to an earlier state of the form. */
  isOld: boolean;
  /** The API refuses to answer, or is away. */
  failure: string | null;
}

export function useForecast(built: BuiltRequest): Forecast {
  const now = JSON.stringify(built.status === 'ready' ? built.request : null);
  const text = useRested(now);
  const { data, dataUpdatedAt, isPlaceholderData, error, failureReason } = useQuery({
    queryKey: [...keys.queue, 'forecast', text],
    queryFn: async ({ signal }) => {
      const request = JSON.parse(text) as Extract<BuiltRequest, { status: 'ready' }>['request'];
      const body = { ...request, prompt: request.prompt.trim() === '' ? standIn : request.prompt };
      return await answer(client.POST('/v1/jobs/validate', { body, signal }));
    },
    enabled: text !== 'null',
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });
  const failed = error ?? (data === undefined ? failureReason : null);
  return {
    validation: data ?? null,
    askedAt: dataUpdatedAt / 1_000,
    isOld: isPlaceholderData || text !== now,
    failure: failed?.message ?? null,
  };
}

/** The value, once it has not changed for a moment. */
function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
