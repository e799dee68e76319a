/** The header is visible ASCII and contains the whole name. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachment } from '../../../apps/api/src/answers/content-disposition.ts';

test.each([
  ['rows.jsonl', 'attachment; filename="rows.jsonl"'],
  ['a "b".csv', `attachment; filename="a _b_.csv"; filename*=UTF-8''a%20%22b%22.csv`],
  [
    "朝's (1).csv",
    `attachment; filename="_'s (1).csv"; filename*=UTF-8''%E6%9C%9D%27s%20%281%29.csv`,
  ],
])('%s', (name, header) => expect(attachment(name)).toBe(header));

test('the header of any name is visible ASCII and contains the name', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x10ffff), { minLength: 1 }), (codes) => {
      const name = String.fromCodePoint(...codes).toWellFormed();
      const header = attachment(name);
      expect(header).toMatch(/^[\x20-\x7e]+$/);
      const encoded = /filename\*=UTF-8''(\S+)$/.exec(header)?.[1];
      expect(
        encoded === undefined ? /filename="(.*)"$/.exec(header)?.[1] : decodeURIComponent(encoded),
      ).toBe(name);
    }),
  );
});
