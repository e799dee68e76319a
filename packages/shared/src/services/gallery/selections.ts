/** The use cases of selections. */
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import type { Database } from '../../records/database/open-records.ts';
import { countChosen, type ImageChoice } from '../../records/gallery/selected-images.ts';
import {
  findSelection,
  insertSelection,
  type SelectionRow,
} from '../../records/gallery/selections.ts';
import type { NewSelection, Selection } from '../../schemas/gallery/selection.ts';
import { toSeconds } from '../../domain/unix-seconds.ts';
import { cutText } from '../../schemas/text.ts';
import type { Caller } from '../caller.ts';
import type { GalleryDeps } from './gallery-deps.ts';
import { isInOneIndex, search } from './wall.ts';

const lifeMinutes = 60;

/** Throws `query_timeout` and `searches_busy`. */
export async function createSelection(
  deps: GalleryDeps,
  { projectId }: Caller,
  { filter, except = [], images }: NewSelection,
  disconnected: AbortSignal,
): Promise<Selection> {
  const choice = {
    filter: filter ?? null,
    exceptIds: except,
    imageIds: images === undefined ? null : [...new Set(images)],
    selectedAt: null,
  };
  const counted = (db: Database) => countChosen(db, projectId, choice);
  const count = await (filter === undefined || isInOneIndex(filter)
    ? counted(deps.db)
    : search(deps, disconnected, counted));
  const row = {
    id: buildId('sel'),
    filter: choice.filter,
    except_ids: except.length === 0 ? null : except,
    image_ids: choice.imageIds,
    count,
  };
  const times = await insertSelection(deps.db, projectId, row, lifeMinutes);
  return toSelection({ ...row, ...times });
}

export async function readSelection(
  deps: Pick<GalleryDeps, 'db'>,
  { projectId }: Caller,
  id: string,
): Promise<Selection> {
  return toSelection(await requireSelection(deps, projectId, id));
}

/** Throws `selection_not_found`. */
export async function requireSelection(
  { db }: Pick<GalleryDeps, 'db'>,
  projectId: string,
  id: string,
): Promise<SelectionRow> {
  const row = await findSelection(db, projectId, id);
  if (row !== undefined) return row;
  throw new KilnError(
    'selection_not_found',
    `there is no selection "${cutText(id, 100)}", or its hour is over; select again`,
    { param: 'id' },
  );
}

/** What the selection stands for. */
export function choiceOf(row: SelectionRow): ImageChoice {
  return {
    filter: row.filter,
    exceptIds: row.except_ids ?? [],
    imageIds: row.image_ids,
    selectedAt: row.created_at,
  };
}

function toSelection(row: SelectionRow): Selection {
  return {
    id: row.id,
    object: 'selection',
    count: row.count,
    created_at: toSeconds(row.created_at),
    expires_at: toSeconds(row.expires_at),
  };
}
