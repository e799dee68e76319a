/** Jobs by what is searched for, page by page. */
import { answer, ApiError } from '@kiln/client/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import type { ActivitySearch, Span } from '../search.ts';
import type { Job } from '../types.ts';

const pageSize = 40;
const secondsOf: Readonly<Record<Span, number>> = { '1h': 3_600, '24h': 86_400, '7d': 604_800 };

interface JobPage {
  data: Job[];
  has_more: boolean;
  last_id: string | null;
  search_complete?: boolean;
}

export function useJobs(search: ActivitySearch) {
  return useInfiniteQuery({
    queryKey: [...keys.jobs, 'activity', search],
    queryFn: ({ pageParam }) => readPage(search, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.last_id : null),
    placeholderData: keepPreviousData,
  });
}

async function readPage(search: ActivitySearch, after: string | null): Promise<JobPage> {
  const { q } = search;
  if (q?.startsWith('job_') === true) return readOne(q);
  return answer(
    client.GET('/v1/jobs', {
      params: {
        query: {
          limit: pageSize,
          ...(after === null ? {} : { after }),
          ...toQuery(search),
        },
      },
    }),
  );
}

/** The one job that has the id, if there is one. */
async function readOne(id: string): Promise<JobPage> {
  const found: JobPage = { data: [], has_more: false, last_id: null };
  try {
    const job = await answer(client.GET('/v1/jobs/{id}', { params: { path: { id } } }));
    return { ...found, data: [job] };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return found;
    throw error;
  }
}

function toQuery({ q, status, model, span, code, custom, meta }: ActivitySearch) {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(meta ?? '') ?? [];
  return {
    ...(q === undefined ? {} : q.startsWith('batch_') ? { batch_id: q } : { q }),
    ...(status === undefined ? {} : { status }),
    ...(model === undefined ? {} : { model }),
    ...(code === undefined ? {} : { error_code: code }),
    ...(custom === undefined ? {} : { custom_id: custom }),
    ...(key === undefined || value === undefined
      ? {}
      : { metadata: { [key.trim()]: value.trim() } }),
    ...(span === undefined
      ? {}
      : { created_after: Math.floor(Date.now() / 1_000) - secondsOf[span] }),
  };
}
