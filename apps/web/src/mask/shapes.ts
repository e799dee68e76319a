/** What a pointer paints: the mask keeps shapes rather than pixels. Lengths are pixels. */
import type { Point } from './view.ts';

export type PaintedShape =
  | { kind: 'stroke'; points: Point[]; size: number; erases: boolean }
  | { kind: 'area'; points: Point[]; erases: boolean };
