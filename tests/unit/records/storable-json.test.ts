/** JSON that PostgreSQL takes, whatever a provider's answer holds. */
import { toStorableJson } from '@kiln/shared/records/database/storable-json';
import fc from 'fast-check';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([
  ['NUL', 'a\0b', 'a\uFFFDb'],
  ['the first half of a surrogate pair', 'a\uD83Db', 'a\uFFFDb'],
  ['the second half of a surrogate pair', 'a\uDE00b', 'a\uFFFDb'],
  ['the halves in the wrong order', '\uDE00\uD83D', '\uFFFD\uFFFD'],
  ['a whole pair', 'a\u{1F600}b', 'a\u{1F600}b'],
  ['the text \\u0000', 'a\\u0000b', 'a\\u0000b'],
  ['a backslash before NUL', '\\\0', '\\\uFFFD'],
  ['other control characters and quotes', '\u0001\n"\\', '\u0001\n"\\'],
])('%s', (_what, text, stored) => {
  expect(JSON.parse(toStorableJson({ message: text }))).toEqual({ message: stored });
  expect(JSON.parse(toStorableJson({ [text]: [text] }))).toEqual({ [stored]: [stored] });
});

test('any JSON value is stored without NUL and half pairs, and otherwise unchanged', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (value) => {
      const stored = toStorableJson(value);
      expect(stored).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
      const plain = JSON.stringify(value);
      if (!/\\u(?:0000|d[89a-f])/.test(plain)) expect(stored).toBe(plain);
    }),
  );
});

test('the records write no JSON that was made in another way', () => {
  const records = join(import.meta.dirname, '../../../packages/shared/src/records');
  const others = globSync('**/*.ts', { cwd: records })
    .filter((file) => !file.endsWith('storable-json.ts'))
    .filter((file) => readFileSync(join(records, file), 'utf8').includes('JSON.stringify'));
  expect(others).toEqual([]);
});
