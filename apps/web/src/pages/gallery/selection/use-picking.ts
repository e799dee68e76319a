/**
 * Choosing pictures on the wall: the box of a cell chooses it, Shift all from the last one to it,
 * and a drag with the mouse all that it passes over, in the order of the wall. A movement of less
 * than 6 pixels is a click. Near the edge of the window a drag scrolls.
 */
import { useEffect, useEffectEvent, useRef, type RefObject } from 'react';
import { showProblem } from '../../../undo/toasts.ts';
import type { Images } from '../wall/use-images.ts';
import { isChosen, mostPicked, selection, withChosen, type Selection } from './selection.ts';

const thresholdPx = 6;
const edgePx = 56;
const scrollPx = 14;

interface Drag {
  x: number;
  y: number;
  from: number;
  before: Selection;
  isOn: boolean;
  hasBegun: boolean;
}

export interface Picking {
  /** Chooses a picture or leaves it out. */
  toggle: (place: number) => void;
  /** The same for all from the last one to this. */
  extendTo: (place: number) => Promise<void>;
}

export function usePicking(
  images: Images,
  wall: RefObject<HTMLElement | null>,
  tooMany: string,
): Picking {
  const last = useRef<number | null>(null);

  function set(next: Selection): void {
    if (next.ids.size > mostPicked) showProblem(tooMany);
    else selection.set(next);
  }
  function apply(drag: Drag, to: number): void {
    const ids: string[] = [];
    for (let at = Math.min(drag.from, to); at <= Math.max(drag.from, to); at += 1) {
      const image = images.imageAt(at);
      if (image !== undefined) ids.push(image.id);
    }
    selection.set(withChosen(drag.before, ids, drag.isOn));
    last.current = to;
  }
  const begin = useEffectEvent((event: PointerEvent): Drag | null => {
    const from = placeAt(event.target);
    const image = from === null ? undefined : images.imageAt(from);
    if (from === null || image === undefined) return null;
    const before = selection.get();
    const isOn = !isChosen(before, image.id);
    return { x: event.clientX, y: event.clientY, from, before, isOn, hasBegun: false };
  });
  const reach = useEffectEvent(apply);

  useEffect(() => {
    const element = wall.current;
    if (element === null) return undefined;
    let drag: Drag | null = null;
    let frame = 0;

    function follow(): void {
      if (drag === null) return;
      const step =
        drag.y < edgePx ? -scrollPx : drag.y > window.innerHeight - edgePx ? scrollPx : 0;
      if (step !== 0) window.scrollBy(0, step);
      const to = placeAt(document.elementFromPoint(drag.x, drag.y));
      if (to !== null) reach(drag, to);
      frame = requestAnimationFrame(follow);
    }
    function onMove(event: PointerEvent): void {
      if (drag === null) return;
      const way = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
      if (!drag.hasBegun && way < thresholdPx) return;
      if (!drag.hasBegun) {
        drag.hasBegun = true;
        frame = requestAnimationFrame(follow);
      }
      drag.x = event.clientX;
      drag.y = event.clientY;
    }
    function end(): void {
      if (drag?.hasBegun === true) {
        reachNow(drag);
        // The click that ends a drag opens nothing.
        addEventListener('click', swallow, { capture: true, once: true });
        setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
      }
      drag = null;
      cancelAnimationFrame(frame);
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
    }
    function reachNow(now: Drag): void {
      const to = placeAt(document.elementFromPoint(now.x, now.y));
      if (to !== null) reach(now, to);
    }
    function onDown(event: PointerEvent): void {
      if (event.button !== 0 || event.pointerType !== 'mouse' || event.shiftKey) return;
      drag = begin(event);
      if (drag === null) return;
      addEventListener('pointermove', onMove);
      addEventListener('pointerup', end);
      addEventListener('pointercancel', end);
    }
    element.addEventListener('pointerdown', onDown);
    element.addEventListener('dragstart', keepStill);
    return () => {
      end();
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('dragstart', keepStill);
    };
  }, [wall]);

  return {
    toggle(place) {
      const image = images.imageAt(place);
      if (image === undefined) return;
      const before = selection.get();
      last.current = place;
      set(withChosen(before, [image.id], !isChosen(before, image.id)));
    },
    async extendTo(place) {
      const from = last.current ?? place;
      const [first, end] = [Math.min(from, place), Math.max(from, place)];
      if (end - first >= mostPicked) {
        showProblem(tooMany);
        return;
      }
      const found = await images.imagesBetween(first, end);
      last.current = place;
      set(
        withChosen(
          selection.get(),
          found.map(({ id }) => id),
          true,
        ),
      );
    },
  };
}

/** The browser would drag the picture itself. */
function keepStill(event: Event): void {
  event.preventDefault();
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

function placeAt(target: EventTarget | null): number | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null;
  return cell === null ? null : Number(cell.dataset['place']);
}
