/** Which lines of a long list are in sight of the window, and where they stand. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';

/** A long list of which only what is in sight is read. */
export interface Places {
  /** How many places there are. */
  count: number;
  /** Says which places are in sight, counted from 0. */
  look: (first: number, last: number) => void;
}

/** The place that the visitor wants to see; a new object leads there again. */
export interface Target {
  place: number;
}

export interface LinesOptions {
  places: Places;
  /** Places beside one another in a line. */
  columns: number;
  /** Pixels from the top of a line to the top of the next. */
  height: number;
  target: Target | null;
}

export function useWindowLines({ places, columns, height, target }: LinesOptions) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    // Whatever stands above the list may change its height.
    const measure = (): void => {
      const found = box.current?.getBoundingClientRect().top;
      if (found !== undefined) setTop(Math.round(found + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes the studio
  const virtualizer = useWindowVirtualizer({
    count: Math.ceil(places.count / columns),
    estimateSize: () => height,
    overscan: 3,
    scrollMargin: top,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, height]);

  const leadTo = useEffectEvent(({ place }: Target) =>
    virtualizer.scrollToIndex(Math.floor(place / columns), { align: 'center' }),
  );
  useEffect(() => {
    if (target !== null) leadTo(target);
  }, [target]);

  const lines = virtualizer.getVirtualItems();
  const first = (lines[0]?.index ?? 0) * columns;
  const last = Math.min(places.count, ((lines.at(-1)?.index ?? 0) + 1) * columns) - 1;
  const { look } = places;
  useEffect(() => look(first, last), [look, first, last]);
  return {
    box,
    totalHeight: virtualizer.getTotalSize(),
    lines: lines.map(({ index, start }) => ({ index, offset: start - top })),
  };
}
