/** Albums that the chosen pictures in sight are in: all of them, or some. */
import { useStore } from '@nanostores/react';
import { isChosen, selection } from '../selection/selection.ts';
import type { Images } from '../wall/use-images.ts';

export function useAlbumsOfChosen(images: Images): {
  full: ReadonlySet<string>;
  partial: ReadonlySet<string>;
} {
  const chosen = useStore(selection);
  const counts = new Map<string, number>();
  let seen = 0;
  for (const { id, albums } of images.loaded()) {
    if (!isChosen(chosen, id)) continue;
    seen += 1;
    for (const album of albums) counts.set(album, (counts.get(album) ?? 0) + 1);
  }
  return {
    full: new Set([...counts].filter(([, count]) => count === seen).map(([id]) => id)),
    partial: new Set(counts.keys()),
  };
}
