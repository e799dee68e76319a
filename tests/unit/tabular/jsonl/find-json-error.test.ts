import { findJsonError } from '@kiln/shared/tabular/jsonl/find-json-error';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('the position', () => {
  test.each([
    ['', 0],
    ['{', 1],
    ['{"a" 1}', 5],
    ['{"a":tru}', 5],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['{a:1}', 1],
    ['{"a":"\\x"}', 6],
    ['{"a":"\\u00g0"}', 6],
    ['{"a":"x\ny"}', 7],
    ['{"a":"x', 7],
    ['{"a":1}}', 7],
    ['{"a":01}', 6],
    ['[1}', 2],
    ["{'a':1}", 1],
    ['{"a":-}', 5],
    ['\u00a0{}', 0],
  ])('in %j is %i', (text, position) => {
    expect(findJsonError(text)).toBe(position);
  });
});

test('the position is that of JSON.parse, when it names one', () => {
  const json = fc.json();
  fc.assert(
    fc.property(
      json,
      fc.nat(),
      fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '\\', 'x', '0', ' ', '-'),
      (text, at, put) => {
        const place = at % (text.length + 1);
        const broken = text.slice(0, place) + put + text.slice(place + 1);
        let told: number | undefined;
        try {
          JSON.parse(broken);
          return;
        } catch (error) {
          told = Number(/at position (\d+)/.exec((error as Error).message)?.[1] ?? Number.NaN);
        }
        const found = findJsonError(broken);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(broken.length);
        // V8 names the position after the sign of a number and inside an escape; we name their
        // start.
        if (Number.isInteger(told)) expect(Math.abs(found - (told ?? 0))).toBeLessThanOrEqual(5);
      },
    ),
    { numRuns: 500 },
  );
});
