import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findModel } from '../../../packages/shared/src/models/model-table.ts';
import { checkSize } from '../../../packages/shared/src/models/size-rules.ts';

function check(id: string, size: string) {
  const model = findModel(id);
  if (!model) throw new Error(`the table has no ${id}`);
  return checkSize(size, model);
}

describe('fixed sizes', () => {
  test.each(['auto', '1024x1024', '1536x1024', '1024x1536'])('%s is supported', (size) => {
    expect(check('gpt-image-1.5', size)).toEqual({ status: 'supported' });
  });

  test.each(['1000x1000', '2048x1152', '1024X1024', '1024', ''])(
    '"%s" is not supported',
    (size) => {
      expect(check('gpt-image-1.5', size)).toEqual({
        status: 'unsupported',
        allowed: 'gpt-image-1.5 takes auto, 1024x1024, 1536x1024 or 1024x1536',
      });
    },
  );
});

describe('free sizes', () => {
  test.each(['auto', '1024x1024', '2560x1440', '1440x2560', '1408x480', '816x816'])(
    '%s is supported',
    (size) => {
      expect(check('gpt-image-2', size)).toEqual({ status: 'supported' });
    },
  );

  test.each(['2576x1440', '3840x2160', '2160x3840'])('%s is experimental', (size) => {
    expect(check('gpt-image-2', size)).toMatchObject({ status: 'experimental' });
  });

  test.each([
    ['1000x1000', 'edges must be multiples of 16'],
    ['3856x1600', 'edges must be at most 3840'],
    ['2048x640', 'the ratio of the edges must be between 1:3 and 3:1'],
    ['800x800', 'width times height must be 655360 to 8294400 pixels, not 640000'],
    ['3840x2176', 'width times height must be 655360 to 8294400 pixels, not 8355840'],
    ['1024 x 1024', 'gpt-image-2 takes auto or WIDTHxHEIGHT in pixels, such as 1024x1024'],
    ['0x1024', 'gpt-image-2 takes auto or WIDTHxHEIGHT in pixels, such as 1024x1024'],
  ])('%s is not supported: %s', (size, allowed) => {
    expect(check('gpt-image-2', size)).toEqual({ status: 'unsupported', allowed });
  });

  test('all broken rules are named together', () => {
    expect(JSON.stringify(check('gpt-image-2', '4000x100'))).toMatch(
      /multiples of 16; .*at most 3840; .*ratio.*; .*pixels/,
    );
  });

  test('exactly the sizes of the published rules are supported', () => {
    const taken = (w: number, h: number) => {
      const pixels = w * h;
      const steps = w % 16 === 0 && h % 16 === 0;
      return (
        steps &&
        w <= 3840 &&
        h <= 3840 &&
        w <= 3 * h &&
        h <= 3 * w &&
        pixels >= 655_360 &&
        pixels <= 8_294_400
      );
    };
    // Mostly sizes near the limits, where mistakes are likely.
    const edge = fc.oneof(
      fc.integer({ min: 1, max: 300 }).map((steps) => steps * 16),
      fc.integer({ min: 1, max: 5_000 }),
    );
    fc.assert(
      fc.property(edge, edge, (width, height) => {
        expect(check('gpt-image-2', `${width}x${height}`).status !== 'unsupported').toBe(
          taken(width, height),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
