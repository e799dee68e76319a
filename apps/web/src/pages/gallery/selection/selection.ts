/**
 * The pictures that the visitor has chosen. It outlives the wall, so that looking at one picture
 * keeps it. Choosing everything chooses the filter, whatever its size, and remembers only what was
 * taken out again.
 */
import { atom } from 'nanostores';
import type { ImageFilter } from '../../../api/images.ts';

export interface Selection {
  /** Null: only `ids` are chosen. Otherwise all that match are, but not `ids`. */
  all: { filter: ImageFilter; newest: string | undefined; count: number } | null;
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

export function chooseAll(all: NonNullable<Selection['all']>): void {
  selection.set({ all, ids: new Set() });
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
