/** Text of strangers: what the records can store, and cutting it for messages. */
import { cutText, isStorable, shorten, toStorable } from '@kiln/shared/schemas/text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
/** Any UTF-16 units, halves of surrogate pairs included. */
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

describe('text of strangers', () => {
  test.each([
    ['a NUL', 'a\0b', 'a\uFFFDb'],
    ['the first half of a pair', 'a\uD83Db', 'a\uFFFDb'],
    ['the second half of a pair', '\uDE00', '\uFFFD'],
    ['an emoji', 'a😀b', 'a😀b'],
  ])('with %s is stored without what cannot be stored', (_what, text, stored) => {
    expect(toStorable(text)).toBe(stored);
    expect(isStorable(text)).toBe(text === stored);
  });

  test('is storable after it was cleaned or cut, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), fc.nat(45), (text, characters) => {
        expect(isStorable(toStorable(text))).toBe(true);
        expect(isStorable(cutText(text, characters))).toBe(true);
      }),
    );
  });

  test('is cut by code points, and only where it is longer', () => {
    fc.assert(
      fc.property(anyText, fc.nat(45), (text, characters) => {
        const clean = toStorable(text);
        expect(cutText(clean, characters)).toBe(Array.from(clean).slice(0, characters).join(''));
      }),
    );
  });

  test('has an ellipsis only where something was cut off', () => {
    expect(shorten('boat', 4)).toBe('boat');
    expect(shorten('boats', 4)).toBe('boat…');
    expect(shorten('😀😀😀', 3)).toBe('😀😀😀');
    expect(shorten('😀😀😀😀', 3)).toBe('😀😀😀…');
  });
});
