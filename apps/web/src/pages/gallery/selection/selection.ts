/**
 * The pictures that the visitor has chosen. It outlives the wall, so that looking at one picture
 * keeps it. Choosing everything chooses the filter, whatever its size, and remembers only what was
 * taken out again.
 */
import { atom } from 'nanostores';
import type { ImageFilter } from '../../../api/images.ts';

export interface Everything {
  filter: ImageFilter;
  count: number;
  /** The API's selection of it, once it is made: what comes later is not part of it. */
  token: { id: string; createdAt: number } | null;
}

export interface Selection {
  /** Null: only `ids` are chosen. Otherwise all that match are, but not `ids`. */
  all: Everything | null;
  ids: ReadonlySet<string>;
}

/** More have to be chosen by a filter; the API takes no longer list. */
export const mostPicked = 9_000;

const nothing: Selection = { all: null, ids: new Set() };

export const selection = atom<Selection>(nothing);

/** What is on its way into the trash, or out of it, until the walls are fresh. */
export const leaving = atom<readonly Selection[]>([]);

export function isChosen({ all, ids }: Selection, id: string): boolean {
  return (all === null) === ids.has(id);
}

export function countOf({ all, ids }: Selection): number {
  return all === null ? ids.size : Math.max(0, all.count - ids.size);
}

export function clearSelection(): void {
  if (countOf(selection.get()) > 0 || selection.get().all !== null) selection.set(nothing);
}

/** Chooses all that match; `made` brings the API's selection of it. */
export function chooseAll(
  filter: ImageFilter,
  count: number,
  made: Promise<Pick<Everything, 'count' | 'token'>>,
): void {
  const all: Everything = { filter, count, token: null };
  selection.set({ all, ids: new Set() });
  made.then(
    (counted) => {
      const now = selection.get();
      if (now.all === all) selection.set({ ...now, all: { ...all, ...counted } });
    },
    () => undefined, // it is asked for again when something is done with it
  );
}

/** Chooses pictures or leaves them out. */
export function withChosen(before: Selection, ids: readonly string[], isOn: boolean): Selection {
  const listed = new Set(before.ids);
  const isListed = (before.all === null) === isOn;
  for (const id of ids) {
    if (isListed) listed.add(id);
    else listed.delete(id);
  }
  return { ...before, ids: listed };
}
