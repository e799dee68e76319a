/** The tools of the mask, and what each makes of the way of a pointer. */
import type { PaintedShape } from './shapes.ts';
import type { Point } from './view.ts';

export const tools = ['brush', 'eraser', 'rectangle', 'lasso'] as const;
export type Tool = (typeof tools)[number];

export const sizes = { least: 2, most: 600 } as const;

export function clampSize(size: number): number {
  return Math.round(Math.min(sizes.most, Math.max(sizes.least, size)));
}

/** The next size up or down: about a sixth, and never less than one pixel. */
export function steppedSize(size: number, direction: 1 | -1): number {
  return clampSize(size + direction * Math.max(1, size / 6));
}

/** @param erases takes away what is painted; the eraser always does */
export function shapeOf(
  tool: Tool,
  points: readonly Point[],
  { size, erases }: { size: number; erases: boolean },
): PaintedShape {
  const nowhere = { x: 0, y: 0 };
  const { 0: first = nowhere } = points;
  const last = points.at(-1) ?? first;
  switch (tool) {
    case 'brush':
    case 'eraser':
      return { kind: 'stroke', points: [...points], size, erases: erases || tool === 'eraser' };
    case 'rectangle':
      return {
        kind: 'area',
        points: [first, { x: last.x, y: first.y }, last, { x: first.x, y: last.y }],
        erases,
      };
    case 'lasso':
      return { kind: 'area', points: [...points], erases };
  }
}
