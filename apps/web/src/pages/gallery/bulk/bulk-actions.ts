/** Bulk actions: one change of many pictures, made by the workers (docs/gallery.md). */
import { answer } from '@kiln/client/client';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { client, newKey } from '../../../api/client.ts';
import type { GalleryImage, ImagePage } from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { leaving, mostPicked, type Selection } from '../selection/selection.ts';

export type ActionName =
  | 'rate'
  | 'star'
  | 'add_to_album'
  | 'remove_from_album'
  | 'trash'
  | 'restore'
  | 'again';

export interface BulkAction {
  id: string;
  action: ActionName;
  params: { rating?: number | null; starred?: boolean; album_id?: string };
  status: 'queued' | 'running' | 'stopped' | 'completed' | 'failed';
  total: number;
  done: number;
  failed: number;
  failures: { id: string; code: string; message: string }[];
  created_at: number;
  finished_at: number | null;
  error: { message: string } | null;
  result: { batch_id: string } | null;
}

/** What a change is made of: some pictures, or a selection. */
export type Subject = { images: string[] } | { selection_id: string };

type Answer<Data> = Promise<{ data: Data; response: Response }>;
interface Untyped {
  GET: <Data>(path: string, init: object) => Answer<Data>;
  POST: <Data>(path: string, init: object) => Answer<Data>;
}
const untyped = client as unknown as Untyped;

/** A change of more pictures than this is of a selection. */
const mostListed = 500;
const lookMs = 1_000;

/** Makes the selection something that the API can be asked about; it is good for an hour. */
export async function makeSelection({ all, ids }: Selection): Promise<string> {
  const body =
    all === null
      ? { images: [...ids] }
      : { filter: { ...all.filter, newest: all.newest }, except: [...ids].slice(0, mostPicked) };
  return (await answer(untyped.POST<{ id: string }>('/v1/selections', { body }))).id;
}

export async function subjectOf(selection: Selection): Promise<Subject> {
  return selection.all === null && selection.ids.size <= mostListed
    ? { images: [...selection.ids] }
    : { selection_id: await makeSelection(selection) };
}

export async function startAction(
  action: ActionName,
  subject: Subject,
  params: BulkAction['params'] = {},
): Promise<BulkAction> {
  return answer(
    untyped.POST<BulkAction>('/v1/bulk_actions', {
      body: { action, ...subject, params },
      params: { header: { 'idempotency-key': newKey() } },
      keepalive: true,
    }),
  );
}

export async function changeAction(id: string, change: 'stop' | 'resume'): Promise<BulkAction> {
  const path = `/v1/bulk_actions/{id}/${change}`;
  return answer(untyped.POST<BulkAction>(path, { params: { path: { id } } }));
}

export function isOpen({ status }: BulkAction): boolean {
  return status === 'queued' || status === 'running';
}

/** The last ones, newest first. While one is under way it is looked at every second. */
export function useBulkActions() {
  return useQuery({
    queryKey: keys.bulkActions,
    queryFn: async () => {
      const params = { query: { limit: 50 } };
      return (await answer(untyped.GET<{ data: BulkAction[] }>('/v1/bulk_actions', { params })))
        .data;
    },
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? lookMs : false),
  });
}

/** What an action changes is old when it ends. */
export function useFreshWalls(actions: readonly BulkAction[] | undefined): void {
  const queries = useQueryClient();
  const before = useRef(new Set<string>());
  useEffect(() => {
    const open = new Set(actions?.filter(isOpen).map(({ id }) => id));
    if ([...before.current].some((id) => !open.has(id))) {
      void queries.invalidateQueries({ queryKey: keys.albums });
      void queries.invalidateQueries({ queryKey: keys.images }).then(() => leaving.set([]));
    }
    before.current = open;
  }, [actions, queries]);
}

/** Shows a change of pictures in sight at once. */
export function changeShown(
  queries: QueryClient,
  isMeant: (id: string) => boolean,
  change: (image: GalleryImage) => GalleryImage,
): void {
  queries.setQueriesData<ImagePage | number>({ queryKey: [...keys.images, 'wall'] }, (page) =>
    typeof page === 'object'
      ? { ...page, data: page.data.map((image) => (isMeant(image.id) ? change(image) : image)) }
      : page,
  );
}
