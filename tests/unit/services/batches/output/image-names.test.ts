/** Names of pictures in an archive are unique, and valid in every file system. */
import { createImageNames } from '@kiln/shared/services/batches/output/image-names';
import { describe, expect, test } from 'vitest';

const picture = { filename: null, customId: null, row: 7, index: 0, count: 1, format: 'png' };

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
    ['nothing but dots', { customId: '...' }, 'file.png'],
    ['a name that ends in dots', { customId: 'a. .' }, 'a.png'],
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

  test('has at most 255 bytes, also of characters that take three', () => {
    const names = createImageNames();
    const long = { ...picture, customId: '猫'.repeat(120), row: 1_000_000, index: 9, count: 10 };
    const taken = Array.from({ length: 3 }, () => names.take({ ...long, format: 'webp' }));
    expect(new Set(taken).size).toBe(3);
    expect(Math.max(...taken.map((name) => Buffer.byteLength(name)))).toBeLessThanOrEqual(255);
  });
});
