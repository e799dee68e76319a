/** The part of a picture that stays when it is cropped. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  corners,
  largestFrame,
  movedBy,
  shareOf,
  toWholePixels,
  withCornerAt,
  withShare,
  type Frame,
  type Size,
} from '../../../apps/web/src/crop/frame.ts';

const photograph = { width: 1536, height: 1024 };

test('the largest frame of a shape is in the middle', () => {
  expect(largestFrame(photograph, 1)).toEqual({ x: 256, y: 0, width: 1024, height: 1024 });
  expect(largestFrame(photograph, 3)).toEqual({ x: 0, y: 256, width: 1536, height: 512 });
  expect(largestFrame(photograph, null)).toEqual({ x: 0, y: 0, ...photograph });
});

test('a corner is dragged: the opposite one stays, and so does the shape', () => {
  const frame = largestFrame(photograph, 1);
  const smaller = withCornerAt(frame, 'se', { x: 756, y: 300 }, { picture: photograph, shape: 1 });
  expect(smaller).toEqual({ x: 256, y: 0, width: 500, height: 500 });
  const free = withCornerAt(frame, 'nw', { x: 0, y: 24 }, { picture: photograph, shape: null });
  expect(free).toEqual({ x: 0, y: 24, width: 1280, height: 1000 });
});

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 5_000 }),
  height: fc.integer({ min: 1, max: 5_000 }),
});
const shapes = fc.constantFrom(null, 1, 3 / 2, 2 / 3, 16 / 9, 3, 1 / 3);
const points = fc.record({
  x: fc.integer({ min: -6_000, max: 6_000 }),
  y: fc.integer({ min: -6_000, max: 6_000 }),
});

function expectInside({ x, y, width, height }: Frame, picture: Size): void {
  const slack = 1e-6;
  expect(Math.min(x, y)).toBeGreaterThanOrEqual(-slack);
  expect(Math.min(width, height)).toBeGreaterThan(0);
  expect(x + width).toBeLessThanOrEqual(picture.width + slack);
  expect(y + height).toBeLessThanOrEqual(picture.height + slack);
}

test('whatever is done to it, it stays inside the picture and keeps its shape', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const corner = fc.constantFrom(...corners);
  fc.assert(
    fc.property(sizes, shapes, points, corner, share, (picture, shape, point, which, part) => {
      const moved = movedBy(largestFrame(picture, shape), point, picture);
      const dragged = withCornerAt(moved, which, point, { picture, shape });
      const resized = withShare(dragged, part, picture);
      for (const frame of [moved, dragged, resized]) {
        expectInside(frame, picture);
        expectInside(toWholePixels(frame, picture), picture);
        if (shape !== null) expect(frame.width / frame.height).toBeCloseTo(shape, 6);
      }
      expect(shareOf(resized, picture)).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});
