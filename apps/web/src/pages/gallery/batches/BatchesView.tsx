import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Layers } from 'lucide-react';
import { useBatchName } from '../../../api/batch-name.ts';
import { client } from '../../../api/client.ts';
import { readImages } from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { actionLink } from '../../../components/display/action-link.ts';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { RelativeTime } from '../../../components/display/Time.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { SmallPicture } from '../SmallPicture.tsx';
import { galleryTexts } from '../texts.ts';

type Batch = components['schemas']['Batch'];

const shownPictures = 12;

/** Batches, newest first, each with its newest pictures in a line. */
export function BatchesView() {
  const t = useTexts(galleryTexts);
  const list = useInfiniteQuery({
    queryKey: [...keys.batches, 'gallery'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        client.GET('/v1/batches', {
          params: {
            query: { limit: 10, ...(pageParam === undefined ? {} : { after: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => (page.has_more ? (page.last_id ?? undefined) : undefined),
  });
  const batches = list.data?.pages
    .flatMap(({ data }) => data)
    .filter(({ request_counts: { completed } }) => completed > 0);
  return (
    <div className="flex flex-col gap-6">
      {list.error !== null && (
        <Notice tone="bad" title={t.unreachable}>
          {list.error.message}
        </Notice>
      )}
      {list.isPending && <Skeleton className="h-[16rem] rounded-large" />}
      {batches?.length === 0 && !list.hasNextPage && (
        <EmptyState
          icon={Layers}
          title={t.noBatches}
          action={
            <Link to="/batches/new" className={actionLink}>
              {t.toBatches}
            </Link>
          }
        >
          {t.noBatchesHint}
        </EmptyState>
      )}
      {batches?.map((batch) => (
        <BatchStrip key={batch.id} batch={batch} />
      ))}
      {list.hasNextPage && (
        <Button
          className="self-center"
          isBusy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t.more}
        </Button>
      )}
    </div>
  );
}

function BatchStrip({ batch }: { batch: Batch }) {
  const t = useTexts(galleryTexts);
  const { id } = batch;
  const name = useBatchName(batch);
  const { data: pictures } = useQuery({
    queryKey: [...keys.images, 'strip', id],
    queryFn: ({ signal }) => readImages({ batch_id: id }, { limit: shownPictures }, signal),
  });
  return (
    <section className="flex flex-col gap-3">
      <header className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 className="min-w-0 truncate font-semibold">{name}</h2>
        <span className="text-small text-muted">
          <RelativeTime at={batch.created_at} />
        </span>
        <Link to="/gallery" search={{ batch: id }} className={`ml-auto ${actionLink}`}>
          {t.showAll}
        </Link>
      </header>
      <ul className="flex gap-2 overflow-x-auto pb-2">
        {(pictures?.data ?? []).map((image) => (
          <li key={image.id} className="size-[7.5rem] shrink-0">
            <SmallPicture image={image} />
          </li>
        ))}
        {pictures === undefined && <Skeleton className="h-[7.5rem] w-full rounded-medium" />}
      </ul>
    </section>
  );
}
