/**
 * The way from the wall to one picture and back: the arrow keys of the viewer lead along the wall,
 * and the wall comes back where the visitor left it, or at the picture they went on to.
 */
import { useCallback, useEffect, useState } from 'react';
import type { Shelf } from '../../../picture/shelf.ts';
import type { Target } from '../../../wall/use-window-lines.ts';
import type { Images } from './use-images.ts';

/** Where the last wall was left: its filter, and the place. */
let left: { wall: string; place: number } | null = null;

export function useReturn(wall: string): {
  target: Target | null;
  remember: (place: number) => void;
} {
  const [target] = useState(() => (left?.wall === wall ? { place: left.place } : null));
  // A search that comes back to the same wall later must not take the focus from its field.
  useEffect(() => {
    left = null;
  }, []);
  const remember = useCallback(
    (place: number) => {
      left = { wall, place };
    },
    [wall],
  );
  return { target, remember };
}

/** @param remember called with the place of the picture that is shown */
export function shelfOf(
  images: Images,
  start: { id: string; place: number },
  remember: (place: number) => void,
): Shelf {
  const places = new Map([[start.id, start.place]]);
  return {
    async neighbour(id, step) {
      const place = places.get(id);
      if (place === undefined) return null;
      remember(place);
      const next = place + step;
      if (next < 0 || next >= images.count) return null;
      const [found] = await images.imagesBetween(next, next);
      if (found === undefined) return null;
      places.set(found.id, next);
      return found.id;
    },
  };
}
