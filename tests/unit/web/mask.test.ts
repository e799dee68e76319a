/** The parts of the mask editor that need no browser. */
import { describe, expect, test } from 'vitest';
import {
  emptyHistory,
  mostSteps,
  redoneOnce,
  undoneOnce,
  withStep,
} from '../../../apps/web/src/mask/history.ts';
import { soften } from '../../../apps/web/src/mask/soften.ts';
import { clampSize, shapeOf, sizes, steppedSize } from '../../../apps/web/src/mask/tools.ts';
import { fitted, toPicture, zoomedAt } from '../../../apps/web/src/mask/view.ts';

describe('the history', () => {
  test('undoes and redoes 40 steps, and settles the older ones in their order', () => {
    const settled: number[] = [];
    let history = emptyHistory<number>();
    for (let step = 1; step <= mostSteps + 3; step += 1)
      history = withStep(history, step, (oldest) => settled.push(oldest));
    expect(settled).toEqual([1, 2, 3]);
    for (let times = 0; times < mostSteps + 5; times += 1) history = undoneOnce(history);
    expect(history.done).toEqual([]);
    history = redoneOnce(redoneOnce(history));
    expect(history.done).toEqual([4, 5]);
    // A new step ends what could be redone.
    expect(withStep(history, 99, () => undefined)).toEqual({ done: [4, 5, 99], undone: [] });
  });
});

describe('the view', () => {
  const picture = { width: 3_000, height: 2_000 };
  const stage = { width: 800, height: 600 };

  test('shows the whole picture, and a small one at its own size', () => {
    const { scale, x, y } = fitted(picture, stage);
    expect(picture.width * scale).toBeLessThanOrEqual(stage.width);
    expect(x + (picture.width * scale) / 2).toBeCloseTo(stage.width / 2);
    expect(y + (picture.height * scale) / 2).toBeCloseTo(stage.height / 2);
    expect(fitted({ width: 64, height: 64 }, stage).scale).toBe(1);
  });

  test('zooms at the pointer: the same point of the picture stays under it', () => {
    const pointer = { x: 123, y: 456 };
    const view = fitted(picture, stage);
    const zoomed = zoomedAt(view, pointer, 3, { picture, stage });
    expect(zoomed.scale).toBeCloseTo(view.scale * 3);
    const [before, after] = [toPicture(view, pointer), toPicture(zoomed, pointer)];
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  test('has limits, however far it is zoomed', () => {
    const zoom = (factor: number) =>
      zoomedAt(fitted(picture, stage), { x: 0, y: 0 }, factor, { picture, stage }).scale;
    expect(zoom(1e9)).toBe(16);
    expect(zoom(1e-9)).toBeGreaterThan(0.05);
  });
});

describe('a soft edge', () => {
  const [width, height] = [60, 20];
  const half = () => {
    const alpha = new Uint8Array(width * height);
    for (let at = 0; at < alpha.length; at += 1) alpha[at] = at % width < width / 2 ? 255 : 0;
    return alpha;
  };

  test('falls from one side to the other, half way at the border, and leaves the rest', () => {
    const alpha = half();
    soften(alpha, width, height, 9);
    const row = [...alpha.subarray(5 * width, 6 * width)];
    expect(row.slice(0, 20).every((value) => value === 255)).toBe(true);
    expect(row.slice(40).every((value) => value === 0)).toBe(true);
    for (let x = 1; x < width; x += 1) expect(row[x] ?? 0).toBeLessThanOrEqual(row[x - 1] ?? 0);
    expect(((row[29] ?? 0) + (row[30] ?? 0)) / 2).toBeCloseTo(127.5, 0);
  });

  test('is none where the radius is 0, and none in a mask of one value', () => {
    const sharp = half();
    soften(sharp, width, height, 0);
    expect(sharp).toEqual(half());
    const full = new Uint8Array(width * height).fill(255);
    soften(full, width, height, 30);
    expect(full.every((value) => value === 255)).toBe(true);
  });
});

describe('a tool', () => {
  const way = [
    { x: 10, y: 20 },
    { x: 15, y: 1 },
    { x: 30, y: 40 },
  ];
  const options = { size: 12, erases: false };

  test('makes its shape of the way of a pointer', () => {
    expect(shapeOf('brush', way, options)).toEqual({
      kind: 'stroke',
      points: way,
      size: 12,
      erases: false,
    });
    expect(shapeOf('eraser', way, options)).toMatchObject({ kind: 'stroke', erases: true });
    expect(shapeOf('lasso', way, options)).toMatchObject({ kind: 'area', points: way });
    expect(shapeOf('rectangle', way, options)).toMatchObject({
      points: [
        { x: 10, y: 20 },
        { x: 30, y: 20 },
        { x: 30, y: 40 },
        { x: 10, y: 40 },
      ],
    });
  });

  test('has a size within limits, and every step changes it', () => {
    expect(clampSize(1e9)).toBe(sizes.most);
    expect(clampSize(-5)).toBe(sizes.least);
    for (const size of [sizes.least, 3, 10, 100])
      expect(steppedSize(steppedSize(size, 1), 1)).toBeGreaterThan(size);
    expect(steppedSize(100, -1)).toBeLessThan(100);
  });
});
