/**
 * What is chosen stays while the visitor searches on, so that pictures of several searches come
 * together. Everything of one filter, or of the trash, is not carried to another.
 */
import { useEffect } from 'react';
import { nameOfWall, type ImageFilter } from '../../../api/images.ts';
import { clearSelection, selection } from './selection.ts';

let wall: ImageFilter | null = null;

export function useKeptSelection(filter: ImageFilter): void {
  useEffect(() => {
    const before = wall;
    wall = filter;
    if (before === null || before === filter) return;
    const isSame = nameOfWall(before) === nameOfWall(filter);
    const isMoved = before.trashed !== filter.trashed;
    if (isMoved || (!isSame && selection.get().all !== null)) clearSelection();
  }, [filter]);
}
