/**
 * Gestures on a stage: the wheel zooms at the pointer, a drag moves, two fingers pinch, a double
 * click shows the pixels 1:1. A finger that sweeps sideways over a whole picture leads to the next.
 */
import { useEffect, useEffectEvent, useRef, type PointerEvent } from 'react';
import type { StageState } from './use-stage.ts';
import { movedBy, toggledSharp, zoomedBy, type Point, type Zoom } from './zoom.ts';

export interface GestureOptions {
  stage: StageState;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  onSweep?: ((step: 1 | -1) => void) | undefined;
}

const wheelSpeed = 0.002;
/** A pinch on a touchpad arrives as a wheel with Ctrl, in small steps. */
const pinchSpeed = 0.01;
const linePixels = 16;
const sweepPixels = 60;

export function useGestures({ stage, zoom, onZoom, onSweep }: GestureOptions) {
  const { element, sizes } = stage;
  const pointers = useRef(new Map<number, Point>());
  const sweep = useRef<Point | null>(null);

  const wheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    if (sizes === null) return;
    const pixels = event.deltaY * (event.deltaMode === 0 ? 1 : linePixels);
    const by = Math.exp(-pixels * (event.ctrlKey ? pinchSpeed : wheelSpeed));
    onZoom(zoomedBy(zoom, by, fromMiddle(event), sizes));
  });
  useEffect(() => {
    const { current } = element;
    const listener = (event: WheelEvent): void => wheel(event);
    // React listens passively, and the page would scroll.
    current?.addEventListener('wheel', listener, { passive: false });
    return () => current?.removeEventListener('wheel', listener);
  }, [element]);

  function fromMiddle({ clientX, clientY }: { clientX: number; clientY: number }): Point {
    const box = element.current?.getBoundingClientRect();
    const { left = 0, top = 0, width = 0, height = 0 } = box ?? {};
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }
  function begin(event: PointerEvent<HTMLElement>): void {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const point = fromMiddle(event);
    pointers.current.set(event.pointerId, point);
    const isSweep = event.pointerType === 'touch' && zoom.factor <= 1;
    sweep.current = isSweep && pointers.current.size === 1 ? point : null;
  }
  function go(event: PointerEvent<HTMLElement>): void {
    const before = pointers.current.get(event.pointerId);
    if (before === undefined || sizes === null) return;
    const point = fromMiddle(event);
    const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId);
    pointers.current.set(event.pointerId, point);
    if (other === undefined) {
      onZoom(movedBy(zoom, { x: point.x - before.x, y: point.y - before.y }, sizes));
      return;
    }
    const [, fixed] = other;
    const by = distance(point, fixed) / Math.max(1, distance(before, fixed));
    const middle = between(point, fixed);
    const middleBefore = between(before, fixed);
    const moved = movedBy(
      zoom,
      { x: middle.x - middleBefore.x, y: middle.y - middleBefore.y },
      sizes,
    );
    onZoom(zoomedBy(moved, by, middle, sizes));
  }
  function end(event: PointerEvent<HTMLElement>): void {
    const from = sweep.current;
    const to = pointers.current.get(event.pointerId);
    pointers.current.delete(event.pointerId);
    sweep.current = null;
    if (from === null || to === undefined || event.type === 'pointercancel') return;
    const way = to.x - from.x;
    if (Math.abs(way) > sweepPixels && Math.abs(way) > 2 * Math.abs(to.y - from.y))
      onSweep?.(way < 0 ? 1 : -1);
  }
  return {
    onPointerDown: begin,
    onPointerMove: go,
    onPointerUp: end,
    onPointerCancel: end,
    onDoubleClick: (event: { clientX: number; clientY: number }): void => {
      if (sizes !== null) onZoom(toggledSharp(zoom, fromMiddle(event), sizes));
    },
  };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function between(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}
