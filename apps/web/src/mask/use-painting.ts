/**
 * What pointers do on the stage. One pointer paints with the tool; two fingers, Space or the middle
 * button move the picture; the wheel zooms at the pointer; Alt and a drag change the brush's size.
 */
import { useEffect, useEffectEvent, useRef, type PointerEvent, type RefObject } from 'react';
import type { MaskDocument } from './mask-document.ts';
import { clampSize, shapeOf, type Tool } from './tools.ts';
import {
  between,
  distance,
  moved,
  toPicture,
  zoomedAt,
  type Point,
  type Size,
  type View,
} from './view.ts';

interface PaintingOptions {
  stage: RefObject<HTMLElement | null>;
  document: MaskDocument;
  tool: Tool;
  /** The brush's diameter in pixels of the picture. */
  size: number;
  onSize: (size: number) => void;
  view: View;
  onView: (view: View) => void;
  /** While it is held, every pointer moves the picture. */
  isSpaceHeld: boolean;
}

type Gesture =
  | { kind: 'paint'; points: Point[]; erases: boolean }
  | { kind: 'pan'; last: Point }
  | { kind: 'pinch'; centre: Point; spread: number }
  | { kind: 'size'; fromX: number; size: number };

export function usePainting(options: PaintingOptions) {
  const { stage, document: mask, tool, size, onSize, view, onView, isSpaceHeld } = options;
  const pointers = useRef(new Map<number, Point>());
  const gesture = useRef<Gesture | null>(null);

  const pointOf = (event: { clientX: number; clientY: number }): Point => {
    const { left = 0, top = 0 } = stage.current?.getBoundingClientRect() ?? {};
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const bounds = (): { picture: Size; stage: Size } => ({
    picture: mask.size,
    stage: {
      width: stage.current?.clientWidth ?? 0,
      height: stage.current?.clientHeight ?? 0,
    },
  });

  const zoomByWheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    // A pinch on a touchpad comes as a wheel with Ctrl and small steps.
    const perPixel = event.ctrlKey ? 0.01 : 0.0015;
    const factor = Math.exp(-event.deltaY * perPixel * (event.deltaMode === 1 ? 16 : 1));
    onView(zoomedAt(view, pointOf(event), factor, bounds()));
  });
  useEffect(() => {
    const element = stage.current;
    const zoom = (event: WheelEvent) => zoomByWheel(event);
    // React listens to wheels passively, and the page must not scroll or zoom.
    element?.addEventListener('wheel', zoom, { passive: false });
    return () => element?.removeEventListener('wheel', zoom);
  }, [stage]);

  function begin(event: PointerEvent<HTMLElement>): void {
    if (event.button > 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    pointers.current.set(event.pointerId, point);
    const [first, second] = [...pointers.current.values()];
    if (first !== undefined && second !== undefined) {
      mask.cancel();
      gesture.current = {
        kind: 'pinch',
        centre: between(first, second),
        spread: distance(first, second),
      };
    } else if (isSpaceHeld || event.button === 1) {
      gesture.current = { kind: 'pan', last: point };
    } else if (event.altKey) {
      gesture.current = { kind: 'size', fromX: point.x, size };
    } else {
      const erases = event.shiftKey;
      const points = [toPicture(view, point)];
      gesture.current = { kind: 'paint', points, erases };
      mask.preview(shapeOf(tool, points, { size, erases }));
    }
  }

  function go(event: PointerEvent<HTMLElement>): void {
    if (!pointers.current.has(event.pointerId)) return;
    const point = pointOf(event);
    pointers.current.set(event.pointerId, point);
    const current = gesture.current;
    switch (current?.kind) {
      case 'paint': {
        // All that came since the last frame, so that fast strokes stay round.
        const between = event.nativeEvent.getCoalescedEvents?.() ?? [];
        const came = between.length > 0 ? between : [event.nativeEvent];
        current.points.push(...came.map((each) => toPicture(view, pointOf(each))));
        mask.preview(shapeOf(tool, current.points, { size, erases: current.erases }));
        break;
      }
      case 'pan':
        onView(moved(view, { x: point.x - current.last.x, y: point.y - current.last.y }));
        current.last = point;
        break;
      case 'size':
        onSize(clampSize(current.size + (point.x - current.fromX) / view.scale));
        break;
      case 'pinch': {
        const [first, second] = [...pointers.current.values()];
        if (first === undefined || second === undefined) return;
        const [centre, spread] = [between(first, second), distance(first, second)];
        const shift = { x: centre.x - current.centre.x, y: centre.y - current.centre.y };
        onView(zoomedAt(moved(view, shift), centre, spread / current.spread, bounds()));
        gesture.current = { kind: 'pinch', centre, spread };
        break;
      }
      case undefined:
        break;
    }
  }

  function end(event: PointerEvent<HTMLElement>): void {
    if (!pointers.current.delete(event.pointerId)) return;
    const current = gesture.current;
    // The second finger of a pinch is lifted later, and must not paint.
    if (current?.kind === 'pinch' && pointers.current.size > 0) return;
    gesture.current = null;
    if (current?.kind !== 'paint') return;
    if (event.type === 'pointercancel') mask.cancel();
    else mask.add(shapeOf(tool, current.points, { size, erases: current.erases }));
  }

  return {
    onPointerDown: begin,
    onPointerMove: go,
    onPointerUp: end,
    onPointerCancel: end,
  };
}
