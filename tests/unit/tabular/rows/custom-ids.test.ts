import { createCustomIds } from '@kiln/shared/tabular/rows/custom-ids';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

test('knows the same ids as a map', () => {
  const id = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '髙', '😀', '1'), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), (texts) => {
      const ids = createCustomIds();
      const rows = new Map<string, number>();
      for (const [index, text] of texts.entries()) {
        expect(ids.claim(text, index + 1)).toBe(rows.get(text) ?? null);
        if (!rows.has(text)) rows.set(text, index + 1);
      }
    }),
  );
});

test('takes none of 200,000 different ids for a duplicate, and finds each again', () => {
  const ids = createCustomIds();
  const texts = Array.from(
    { length: 200_000 },
    (_, index) => `${index % 3 === 0 ? 'row-' : ''}${index}`,
  );
  expect(texts.filter((text, index) => ids.claim(text, index + 1) !== null)).toEqual([]);
  expect(texts.filter((text, index) => ids.claim(text, 1) !== index + 1)).toEqual([]);
});
