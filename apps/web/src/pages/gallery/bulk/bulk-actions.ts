/** Bulk actions: one change of many pictures, made by the workers (docs/gallery.md). */
import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { client, newKey } from '../../../api/client.ts';
import {
  nameOfWall,
  type GalleryImage,
  type ImageFilter,
  type ImagePage,
} from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { isChosen, leaving, type Selection } from '../selection/selection.ts';

export type BulkAction = components['schemas']['BulkAction'];
export type ActionName = BulkAction['action'];
type Params = components['schemas']['BulkActionRequest']['params'];

/** What a change is made of: some pictures, or a selection. */
export type Subject = { images: string[] } | { selection_id: string };

/** A change of more pictures than this is of a selection. */
const mostListed = 500;
const lookMs = 1_000;

/** A selection of the API: what matches now, or these pictures. It is good for an hour. */
export async function postSelection(body: {
  filter?: ImageFilter;
  except?: string[];
  images?: string[];
}): Promise<components['schemas']['Selection']> {
  return answer(client.POST('/v1/selections', { body }));
}

export async function selectionIdOf({ all, ids }: Selection): Promise<string> {
  if (all === null) return (await postSelection({ images: [...ids] })).id;
  const { filter, token } = all;
  if (ids.size === 0 && token !== null) return token.id;
  // What came after everything was chosen was not meant.
  const until = Math.min(filter.created_before ?? Infinity, (token?.createdAt ?? Infinity) + 1);
  const bounds = Number.isFinite(until) ? { created_before: until } : {};
  return (await postSelection({ filter: { ...filter, ...bounds }, except: [...ids] })).id;
}

export async function subjectOf(selection: Selection): Promise<Subject> {
  return selection.all === null && selection.ids.size <= mostListed
    ? { images: [...selection.ids] }
    : { selection_id: await selectionIdOf(selection) };
}

export async function startAction(
  action: ActionName,
  subject: Subject,
  params: Params = {},
): Promise<BulkAction> {
  return answer(
    client.POST('/v1/bulk_actions', {
      body: { action, ...subject, params },
      params: { header: { 'idempotency-key': newKey() } },
      keepalive: true,
    }),
  );
}

export async function changeAction(id: string, change: 'stop' | 'resume'): Promise<BulkAction> {
  const path = `/v1/bulk_actions/{id}/${change}` as const;
  return answer(client.POST(path, { params: { path: { id } } }));
}

/** Restores what a deletion has deleted, and no more; one that is under way is stopped first. */
export async function undoAction(id: string): Promise<BulkAction> {
  return answer(client.POST('/v1/bulk_actions/{id}/undo', { params: { path: { id } } }));
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
      return (await answer(client.GET('/v1/bulk_actions', { params }))).data;
    },
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? lookMs : false),
  });
}

/**
 * What an action changes is old when it ends. A small action may have ended before the list says
 * that it began, so what counts is that its end is new.
 */
export function useFreshWalls(actions: readonly BulkAction[] | undefined): void {
  const queries = useQueryClient();
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (actions === undefined) return;
    const before = known.current;
    const ended = new Set(actions.filter((action) => !isOpen(action)).map(({ id }) => id));
    known.current = ended;
    if (before === null || [...ended].every((id) => before.has(id))) return;
    void queries.invalidateQueries({ queryKey: keys.albums });
    void queries.invalidateQueries({ queryKey: keys.images }).then(() => leaving.set([]));
  }, [actions, queries]);
}

/** Shows a change of the pictures that are chosen at once. */
export function changeShown(
  queries: QueryClient,
  chosen: Selection,
  change: (image: GalleryImage) => GalleryImage,
): void {
  // All that match a filter are chosen on its wall; on another wall they may not match.
  const wall = chosen.all === null ? [] : [nameOfWall(chosen.all.filter)];
  queries.setQueriesData<ImagePage | number>(
    { queryKey: [...keys.images, 'wall', ...wall] },
    (page) =>
      typeof page === 'object'
        ? {
            ...page,
            data: page.data.map((image) => (isChosen(chosen, image.id) ? change(image) : image)),
          }
        : page,
  );
}
