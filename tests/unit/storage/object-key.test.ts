import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseObjectKey } from '../../../packages/shared/src/storage/object-store.ts';

test.each(['a', 'a/b.png', 'images/3f/job_019f/1-0.png', '...', '.hidden/..a', 'x'.repeat(512)])(
  '"%s" is a key',
  (key) => {
    expect(parseObjectKey(key)).toBe(key);
  },
);

test('513 characters are too many', () => {
  expect(() => parseObjectKey('x'.repeat(513))).toThrow('not an object key');
});

test('a key never points outside its root, on any system', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '',
      'a',
      '.tmp',
      '%2e%2e',
      'C:',
      '\0',
      '\n',
      '～',
      'b.png',
    ),
    fc.string({ maxLength: 4 }),
  );
  const key = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const path = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('/'));
  fc.assert(
    fc.property(fc.oneof(key, path), (text) => {
      try {
        parseObjectKey(text);
      } catch {
        return;
      }
      expect(posix.join('/root', text)).toBe(`/root/${text}`);
      expect(win32.join('C:\\root', text)).toBe(`C:\\root\\${text.replaceAll('/', '\\')}`);
    }),
    { numRuns: 5_000 },
  );
});
