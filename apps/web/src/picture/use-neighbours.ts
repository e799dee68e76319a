/**
 * The pictures beside the one that is shown, for the arrow keys. Both are fetched ahead, so that a
 * step shows a picture at once.
 */
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { address } from '../api/client.ts';
import { readImages, type ImageFilter } from '../api/images.ts';
import { keys } from '../api/keys.ts';
import { filterOf, readSearch } from '../wall/gallery-search.ts';
import { readId } from './picture-id.ts';
import { currentShelf } from './shelf.ts';

export interface Neighbours {
  /** Null at an end; undefined while it is looked for. */
  previous: string | null | undefined;
  next: string | null | undefined;
}

/** @param count of pictures that the job has */
export function useNeighbours(id: string, count: number): Neighbours {
  // The address keeps the filter of the wall that the picture was opened on.
  const filter = filterOf(readSearch(useSearch({ from: '/gallery/$jobId/$index' })));
  const previous = useNeighbour({ id, step: -1, count, filter });
  const next = useNeighbour({ id, step: 1, count, filter });
  return { previous, next };
}

interface Wanted {
  id: string;
  step: 1 | -1;
  count: number;
  filter: ImageFilter;
}

function useNeighbour(wanted: Wanted): string | null | undefined {
  const { data: found } = useQuery({
    queryKey: [...keys.job(readId(wanted.id).jobId), 'neighbour', wanted],
    queryFn: () => findNeighbour(wanted),
    gcTime: 0,
  });
  useEffect(() => {
    if (found !== undefined && found !== null) new Image().src = sourceOf(found);
  }, [found]);
  return found;
}

async function findNeighbour(wanted: Wanted): Promise<string | null> {
  const shelf = currentShelf();
  if (shelf === 'job') return ofSameJob(wanted);
  return shelf === null ? onWall(wanted) : shelf.neighbour(wanted.id, wanted.step);
}

function ofSameJob({ id, step, count }: Wanted): string | null {
  const { jobId, index } = readId(id);
  const beside = index + step;
  return beside >= 0 && beside < count ? `${jobId}/${beside}` : null;
}

async function onWall({ id, step, filter }: Wanted): Promise<string | null> {
  const place = step === 1 ? { after: id } : { before: id };
  const { data } = await readImages(filter, { limit: 1, ...place });
  return data[0]?.id ?? null;
}

function sourceOf(id: string): string {
  const { jobId, index } = readId(id);
  return address(`v1/jobs/${jobId}/images/${index}`);
}
