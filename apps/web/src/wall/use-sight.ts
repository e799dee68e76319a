/**
 * Which pages of rows are in sight, once they are worth asking for. A jump and the next page of a
 * scroll count at once. While the scroll bar is dragged, pages fly by in every frame: they are not
 * asked for before it rests. The state changes with pages, not with lines, so that a scroll does
 * not render what stands around the list.
 */
import { useCallback, useRef, useState } from 'react';

export const pageRows = 100;
/** Rows before and behind those in sight that are asked for with them. */
const aheadRows = 50;
const restMs = 60;

export interface Pages {
  first: number;
  last: number;
}

export function useSight() {
  const [pages, setPages] = useState<Pages>({ first: 0, last: 0 });
  const seen = useRef<Sight>({ first: 0, last: 0, atMs: 0, timer: undefined });
  const look = useCallback((first: number, last: number) => {
    const before = seen.current;
    if (before.first === first && before.last === last) return;
    clearTimeout(before.timer);
    const settle = (): void => {
      const next = pagesOf(first, last);
      setPages((now) => (now.first === next.first && now.last === next.last ? now : next));
    };
    const atMs = performance.now();
    const isFlying = Math.abs(first - before.first) > pageRows && atMs - before.atMs < restMs;
    const timer = isFlying ? setTimeout(settle, restMs) : undefined;
    seen.current = { first, last, atMs, timer };
    if (!isFlying) settle();
  }, []);
  return { pages, look };
}

interface Sight extends Pages {
  atMs: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

function pagesOf(first: number, last: number): Pages {
  return {
    first: Math.floor(Math.max(0, first - aheadRows) / pageRows),
    last: Math.floor((Math.max(first, last) + aheadRows) / pageRows),
  };
}
