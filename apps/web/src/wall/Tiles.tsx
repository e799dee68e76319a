import { useLayoutEffect, useState, type ReactNode } from 'react';
import { useWindowLines, type Places, type Target } from './use-window-lines.ts';

const gap = 8;
const smallestTile = 108;
const usualTile = 144;

export interface TilesProps {
  places: Places;
  target: Target | null;
  /** Names the list. */
  label: string;
  /** What is at a place, counted from 0; give it a component that is memoized. */
  children: (place: number) => ReactNode;
}

/** Square tiles that fill the width; only those in sight are there. */
export function Tiles({ places, target, label, children }: TilesProps) {
  const [width, setWidth] = useState(0);
  const wanted = width < 640 ? smallestTile : usualTile;
  const columns = Math.max(1, Math.floor((width + gap) / (wanted + gap)));
  const tile = width === 0 ? usualTile : (width - gap * (columns - 1)) / columns;
  const { box, totalHeight, lines } = useWindowLines({
    places,
    target,
    columns,
    height: tile + gap,
  });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return (
    <div ref={box} className="relative" style={{ height: totalHeight }}>
      <ul aria-label={label} data-columns={columns}>
        {lines.flatMap(({ index: line, offset }) =>
          Array.from({ length: Math.min(columns, places.count - line * columns) }, (_, column) => {
            const place = line * columns + column;
            return (
              <li
                key={place}
                data-item
                data-place={place}
                className="absolute contain-layout contain-size contain-style"
                style={{ width: tile, height: tile, top: offset, left: column * (tile + gap) }}
              >
                {children(place)}
              </li>
            );
          }),
        )}
      </ul>
    </div>
  );
}
