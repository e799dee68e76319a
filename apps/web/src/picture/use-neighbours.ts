/**
 * The pictures beside the one that is shown, for the arrow keys. Both are fetched ahead, so that a
 * step shows a picture at once.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { address } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { readId } from './picture-id.ts';
import { currentShelf } from './shelf.ts';

export interface Neighbours {
  /** Null at an end; undefined while it is looked for. */
  previous: string | null | undefined;
  next: string | null | undefined;
}

export function useNeighbours(id: string, count: number): Neighbours {
  const previous = useNeighbour(id, -1, count);
  const next = useNeighbour(id, 1, count);
  return { previous, next };
}

function useNeighbour(id: string, step: 1 | -1, count: number): string | null | undefined {
  const { data: found } = useQuery({
    queryKey: [...keys.job(readId(id).jobId), 'neighbour', id, step, count],
    queryFn: async () => (await currentShelf()?.neighbour(id, step)) ?? ofSameJob(id, step, count),
    gcTime: 0,
  });
  useEffect(() => {
    if (found !== undefined && found !== null) new Image().src = sourceOf(found);
  }, [found]);
  return found;
}

/** The other pictures of the same job, where the picture was opened from no list. */
function ofSameJob(id: string, step: 1 | -1, count: number): string | null {
  const { jobId, index } = readId(id);
  const wanted = index + step;
  return currentShelf() === null && wanted >= 0 && wanted < count ? `${jobId}/${wanted}` : null;
}

function sourceOf(id: string): string {
  const { jobId, index } = readId(id);
  return address(`v1/jobs/${jobId}/images/${index}`);
}
