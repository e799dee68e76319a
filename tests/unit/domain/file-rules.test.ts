/** Names and first bytes of files: any input gives a harmless result. */
import { cleanFilename, fileTypeOf, pictureTypeOf } from '@kiln/shared/domain/file-rules';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('a name', () => {
  test('is short, one line, without a path, and stays as it is when it is cleaned again', () => {
    const parts = fc.oneof(
      fc.nat(0x10ffff).map((code) => String.fromCodePoint(code).repeat(5)),
      fc.constantFrom(
        '/',
        '\\',
        '..',
        '.',
        '\0',
        '\r\n',
        '\ud800',
        '朝',
        '\u202e',
        ' ',
        'a'.repeat(300),
      ),
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
        const name = cleanFilename(pieces.join(''));
        return (
          Buffer.byteLength(name) <= 255 &&
          !/[/\\\p{Cc}\u202e]|^\.*$/u.test(name) &&
          name.isWellFormed() &&
          cleanFilename(name) === name
        );
      }),
    );
  });

  test.each([
    ['rows.jsonl', 'rows.jsonl'],
    ['.env', '.env'],
    [' rows.csv ', 'rows.csv'],
    ['a/', 'file'],
    [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(253)}`],
  ])('%s is kept as %s', (given, kept) => expect(cleanFilename(given)).toBe(kept));
});

test.each([
  ['\x89PNG\r\n\x1a\nXXXX', 'image/png'],
  ['\xff\xd8\xff\xe1XXXXXXXX', 'image/jpeg'],
  ['RIFF\x00\x0a\x0d\xffWEBP', 'image/webp'],
  ['RIFF\x00\x00\x00\x00WAVE', null],
  ['\x89PNG', null],
  ['', null],
  ['<svg xmlns=', null],
])('%j is %s', (bytes, type) => {
  expect(pictureTypeOf(Buffer.from(bytes, 'latin1'))).toBe(type);
  expect(fileTypeOf(Buffer.from(bytes, 'latin1'), 'x')).toBe(type ?? 'application/octet-stream');
});

test.each(['constructor', 'a.constructor', 'a.toString', '__proto__', 'x.__proto__'])(
  'a file called %s is bytes',
  (name) => expect(fileTypeOf(Buffer.from('x'), name)).toBe('application/octet-stream'),
);
