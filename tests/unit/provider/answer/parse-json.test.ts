/** The JSON of an answer, with text around it, with its end missing, and cleaned. */
import { parseJson } from '@kiln/shared/provider/answer/parse-json';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

test('complete JSON is read as it is', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'grapheme' }), (text) => {
      fc.pre(!text.includes(String.raw`\u0000`) && !text.includes('__proto__'));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe('text around it is ignored:', () => {
  test.each([
    ['white space and a byte order mark', '\uFEFF \r\n{"a":1}\n'],
    ['pings', ': ping\n\nOK\n  {"a":1}'],
    ['NUL', '\0{"a":1}\0\0'],
    ['a byte order mark before and a text behind', '\uFEFF{"a":1}\n{"more":'],
    ['a second value', '{"a":1}\n{"b":2}'],
    ['a value that begins', '{"a":1} [1, '],
  ])('%s', (_what, text) => {
    expect(parseJson(text)).toEqual({ a: 1 });
  });

  test.each(['', 'OK', '<html>{}</html>', 'a {"a":1}', '}', '{"a":1]', ':'])(
    '%j holds none',
    (text) => {
      expect(parseJson(text)).toBeUndefined();
    },
  );
});

describe('without its end, what is complete is kept:', () => {
  test.each<[string, unknown]>([
    ['{"a":"x"', { a: 'x' }],
    ['{"a":"x","b"', { a: 'x' }],
    ['{"a":"x","b":', { a: 'x' }],
    ['{"a":"x","b":"y', { a: 'x' }],
    ['{"a":"x","b":27', { a: 'x' }],
    ['{"a":[{"b":"x\\"]}"},{"c', { a: [{ b: 'x"]}' }, {}] }],
    ['[{"a":"x"}', [{ a: 'x' }]],
    ['{', {}],
  ])('%s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('any cut gives a part of the whole, or nothing', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (whole, at) => {
          const text = JSON.stringify({ first: 'x', ...whole });
          const cut = parseJson(text.slice(0, Math.floor(text.length * at)));
          expect(['undefined', 'object']).toContain(typeof cut);
        },
      ),
    );
  });
});

test('NUL, half characters and endless nesting do not come through', () => {
  const text = JSON.stringify({ 'a\0': ['b\0c', '\uD800'], deep: nest(40) });
  expect(parseJson(text)).toMatchObject({ a: ['bc', '\uFFFD'] });
  expect(JSON.stringify(parseJson(text))).not.toContain('[]');
  expect(parseJson('['.repeat(1_000_000))).toBeUndefined();
});

test('long texts of any kind take a moment only', () => {
  for (const unit of ['\n', '\r', ' ', ',', '"', '{"a":', '[{', '\\']) {
    const text = unit.repeat(Math.ceil(4_000_000 / unit.length));
    for (const begun of [text, `[${text}`]) {
      const startedAtMs = performance.now();
      parseJson(begun);
      // A quadratic reader would take minutes.
      expect(performance.now() - startedAtMs).toBeLessThan(20_000);
    }
  }
});

function nest(depth: number): unknown {
  return depth === 0 ? [] : { in: nest(depth - 1) };
}
