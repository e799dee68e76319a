import { deltaE, measureDrift } from '@kiln/shared/imaging/colour-drift';
import { mapDistances, unitsPerPixel } from '@kiln/shared/imaging/distance-map';
import { describe, expect, test } from 'vitest';

describe('the distance of colours', () => {
  test.each<[string, [number, number, number], [number, number, number], number]>([
    ['black and white', [0, 0, 0], [255, 255, 255], 100],
    // Lab of the sRGB primaries, as Lindbloom's calculator gives them.
    ['white and red', [255, 255, 255], [255, 0, 0], 114.55],
    ['green and blue', [0, 255, 0], [0, 0, 255], 258.7],
    ['a colour and itself', [12, 130, 240], [12, 130, 240], 0],
  ])('of %s', (_what, one, other, expected) => {
    expect(deltaE(one, other)).toBeCloseTo(expected, 0);
    expect(deltaE(other, one)).toBeCloseTo(expected, 0);
  });
});

test('distances are those to the nearest marked pixel', () => {
  const [width, height] = [40, 30];
  const isMarked = new Uint8Array(width * height);
  for (const [x, y] of [
    [3, 4],
    [30, 20],
  ] as const)
    isMarked[y * width + x] = 1;
  const map = mapDistances(isMarked, width, height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const exact = Math.min(Math.hypot(x - 3, y - 4), Math.hypot(x - 30, y - 20));
      const found = (map[y * width + x] ?? 0) / unitsPerPixel;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.09);
    }
  expect([...mapDistances(new Uint8Array(4), 2, 2)]).toEqual([65_535, 65_535, 65_535, 65_535]);
});

/** A grey picture of 64 × 64 with a texture of this strength. */
function grey(level: number, texture: (at: number) => number = () => 0, alpha = 255): Uint8Array {
  return Uint8Array.from({ length: 64 * 64 * 4 }, (_, at) =>
    at % 4 === 3 ? alpha : level + texture(Math.floor(at / 4)),
  );
}

describe('the drift in the ring', () => {
  const isInside = new Uint8Array(64 * 64);
  for (let at = 0; at < isInside.length; at += 1) if (at % 64 < 32) isInside[at] = 1;
  const distances = mapDistances(isInside, 64, 64);
  const ring = { from: 2, to: 16 };
  const drift = (one: Uint8Array, other: Uint8Array) =>
    measureDrift(one, other, distances, 64, ring);

  test('is none between a picture and itself', () => {
    expect(drift(grey(90), grey(90))).toBe(0);
  });

  test('counts a change of the colours, and not another texture', () => {
    const waves = (at: number) => (at % 2 === 0 ? 20 : -20);
    const others = (at: number) => -waves(at);
    expect(drift(grey(120, waves), grey(120, others)) ?? 99).toBeLessThan(2);
    expect(drift(grey(120, waves), grey(160, others)) ?? 0).toBeGreaterThan(10);
  });

  test('looks at nothing but the ring', () => {
    const other = grey(90);
    for (let at = 0; at < 64 * 64; at += 1)
      if (at % 64 < 33 || at % 64 > 48) other.fill(0, at * 4, at * 4 + 3);
    expect(drift(grey(90), other)).toBe(0);
  });

  test('counts a pixel that became opaque', () => {
    expect(drift(grey(0, undefined, 0), grey(0)) ?? 0).toBeGreaterThan(30);
  });

  test('is unknown where the ring is empty', () => {
    expect(measureDrift(grey(1), grey(2), new Uint16Array(64 * 64), 64, ring)).toBeNull();
  });
});
