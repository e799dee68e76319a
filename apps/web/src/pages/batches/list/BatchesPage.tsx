import { answer } from '@kiln/client/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Layers, Plus, SearchX } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useAnnounceFound } from '../../../app/use-announce-found.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { SearchBox } from '../../../components/controls/SearchBox.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Page } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useCommands } from '../../../keyboard/commands.ts';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { BatchLine } from './BatchLine.tsx';
import { NewBatchLink } from './NewBatchLink.tsx';
import { listTexts } from './texts.ts';

/** All batches, the newest first. */
export function BatchesPage() {
  const t = useTexts(listTexts);
  const navigate = useNavigate();
  const { q } = useSearch({ from: '/batches' });
  const list = useBatches(q);
  const batches = list.data?.pages.flatMap(({ data }) => data);
  const isEmpty = batches?.length === 0 && q === undefined;
  const search = (wanted: string | undefined): void =>
    void navigate({
      to: '/batches',
      search: wanted === undefined ? {} : { q: wanted },
      replace: true,
    });
  const found = list.isSuccess && !list.isPlaceholderData && q !== undefined;
  useAnnounceFound(found ? (batches?.length ?? 0) : null);
  const openNew = (): void => void navigate({ to: '/batches/new' });
  useListKeys();
  useShortcuts([{ keys: 'n', label: t.newBatch, run: openNew }]);
  useCommands([{ id: 'new-batch', label: t.newBatch, icon: Plus, keys: 'n', run: openNew }]);

  const action = <NewBatchLink />;
  return (
    <Page title={t.title} actions={isEmpty ? undefined : action}>
      {list.error !== null && (
        <Notice tone="bad" title={t.unreachable}>
          {list.error.message}
        </Notice>
      )}
      {list.isPending && <Places />}
      {isEmpty && (
        <EmptyState icon={Layers} title={t.empty} action={action}>
          {t.emptyHint}
        </EmptyState>
      )}
      {batches !== undefined && !isEmpty && (
        <search className="flex">
          <SearchBox
            keys="/"
            size="small"
            className="min-w-[10rem] flex-1 tablet:max-w-[16rem]"
            label={t.search}
            q={q}
            onChange={search}
          />
        </search>
      )}
      {batches?.length === 0 && q !== undefined && (
        <EmptyState
          icon={SearchX}
          title={t.nothing}
          action={<Button onClick={() => search(undefined)}>{t.showAll}</Button>}
        >
          {t.nothingHint({ q })}
        </EmptyState>
      )}
      {batches !== undefined && batches.length > 0 && (
        <ul className="flex flex-col gap-3">
          {batches.map((batch) => (
            <BatchLine key={batch.id} batch={batch} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          className="self-center"
          isBusy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t.more}
        </Button>
      )}
    </Page>
  );
}

function useBatches(q: string | undefined) {
  return useInfiniteQuery({
    queryKey: [...keys.batches, 'list', q],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      answer(
        client.GET('/v1/batches', {
          params: {
            query: {
              limit: 20,
              ...(q === undefined ? {} : { q }),
              ...(pageParam === undefined ? {} : { after: pageParam }),
            },
          },
        }),
      ),
    placeholderData: keepPreviousData,
    getNextPageParam: (page) => (page.has_more ? (page.last_id ?? undefined) : undefined),
  });
}

function Places() {
  return (
    <div className="flex flex-col gap-3">
      {[0, 1, 2].map((place) => (
        <Skeleton key={place} className="h-[5.75rem] rounded-large" />
      ))}
    </div>
  );
}
