/** Names of pictures in an archive are unique, and valid in every file system. */
import { createImageNames } from '@kiln/shared/services/batches/output/image-names';
import { describe, expect, test } from 'vitest';
import { nameCorpus } from '../../../../../scripts/archives-check/name-corpus.ts';

const picture = { filename: null, customId: null, row: 7, index: 0, count: 1, format: 'png' };
/** One character of seven code points and 25 bytes. */
const family = '👨‍👩‍👧‍👦';

describe('the name of a picture', () => {
  test.each([
    ['its file name', { filename: '朝霧.png' }, '朝霧.png'],
    ['with the format it has', { filename: 'boat.jpg', format: 'webp' }, 'boat.webp'],
    ['its custom id', { customId: 'order-17' }, 'order-17.png'],
    ['its row', {}, 'row-7.png'],
    ['one of several', { customId: 'a', index: 1, count: 3 }, 'a-2.png'],
    ['a way up', { customId: '../../etc/passwd' }, '.._.._etc_passwd.png'],
    ['characters that Windows forbids', { customId: 'a:b*c?"<>|d' }, 'a_b_c_____d.png'],
    ['a device of Windows', { customId: 'CON' }, '_CON.png'],
    ['a device of Windows before an extension', { customId: 'nul.tar' }, '_nul.tar.png'],
    ['a device of Windows with a raised digit', { customId: 'COM¹' }, '_COM¹.png'],
    ['a device of Windows before a space', { customId: 'aux .x' }, '_aux .x.png'],
    ['nothing but dots', { customId: '...' }, 'file.png'],
    ['a name that ends in dots', { customId: 'a. .' }, 'a.png'],
    ['a mark that turns the text around', { customId: 'a\u202egpj.exe' }, 'agpj.exe.png'],
    ['200 bytes', { customId: '名'.repeat(85) }, `${'名'.repeat(65)}.png`],
    ['whole emoji', { customId: family.repeat(10) }, `${family.repeat(7)}.png`],
    [
      'a part of one character that is too long',
      { customId: `Z${'\u0301'.repeat(120)}` },
      `\u0179${'\u0301'.repeat(97)}.png`,
    ],
  ])('%s', (_what, changes, name) => {
    expect(createImageNames().take({ ...picture, ...changes })).toBe(name);
  });

  test('is unique whatever its case, and never the name of the manifest', () => {
    const names = createImageNames();
    const taken = ['boat', 'Boat', 'BOAT', 'manifest.csv'].map((customId, index) =>
      names.take({
        ...picture,
        customId,
        row: index + 1,
        format: customId === 'manifest.csv' ? 'csv' : 'png',
      }),
    );
    expect(new Set(taken.map((name) => name.toLowerCase())).size).toBe(4);
    const long = ['a', 'a'].map((letter, row) =>
      names.take({ ...picture, customId: letter.repeat(256), row }),
    );
    expect(new Set(long).size).toBe(2);
    expect(Math.max(...long.map((name) => name.length))).toBeLessThan(150);
  });

  test('is unique where a file system normalises names, ignores marks or folds case', () => {
    const names = createImageNames();
    const wished = ['\u304c', '\u304b\u3099', 'boat', '\u200fboat', '❤', '❤️', 'straße', 'STRASSE'];
    expect(
      wished.map((filename, index) => names.take({ ...picture, filename, row: index + 1 })),
    ).toEqual([
      '\u304c.png',
      '\u304c (2).png',
      'boat.png',
      '\u200fboat (4).png',
      '❤.png',
      '❤️ (6).png',
      'straße.png',
      'STRASSE (8).png',
    ]);
  });

  test('has at most 200 bytes with its numbers, also of characters that take three', () => {
    const names = createImageNames();
    const long = { ...picture, customId: '猫'.repeat(120), row: 1_000_000, index: 9, count: 10 };
    const taken = Array.from({ length: 3 }, () => names.take({ ...long, format: 'webp' }));
    expect(new Set(taken).size).toBe(3);
    expect(taken.map((name) => Buffer.byteLength(name))).toEqual([200, 198, 200]);
  });

  test('is one part of a path in every system, whatever the caller wished', () => {
    const names = createImageNames();
    const wished = [...nameCorpus, ...nameCorpus];
    const taken = wished.map((filename, index) =>
      names.take({ ...picture, filename, row: index + 1 }),
    );
    for (const name of taken) {
      expect(name).toMatch(/^[^/\\<>:"|?*\p{Cc}\p{Cs}]+\.png$/u);
      expect(name).not.toMatch(/^(con|prn|aux|nul|(com|lpt)[\d¹²³]|con(in|out)\$|clock\$) *\./i);
      expect(name).not.toMatch(/^[ ]|[ .]\.png$/);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(name.normalize('NFC')).toBe(name);
    }
    expect(new Set(taken.map((name) => name.toLowerCase())).size).toBe(wished.length);
  });
});
