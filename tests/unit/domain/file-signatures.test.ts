/** Formats are known by their first bytes. */
import { fileKindOf } from '@kiln/shared/domain/file-signatures';
import { expect, test } from 'vitest';

test.each([
  ['png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
  ['webp', 'RIFF\x0a\x0d\0\0WEBPVP8 '],
  ['gif', 'GIF89a'],
  ['pdf', '%PDF-1.7\n'],
  ['zip', 'PK\x03\x04\x14\0'],
  ['zip', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b\x08'],
  ['tiff', 'II*\0'],
  ['heic', '\0\0\0\x18ftypheic'],
  ['avif', '\0\0\0\x1cftypavif'],
  ['video', '\0\0\0\x18ftypmp42'],
  ['office', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  [null, 'RIFF\x0a\x0d\0\0WAVEfmt '],
  [null, 'prompt,size\n'],
  [null, '\x89PNG'],
  [null, ''],
])('%s begins with %j', (kind, start) => {
  expect(fileKindOf(Buffer.from(start, 'latin1'))).toBe(kind);
});
