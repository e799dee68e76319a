/** Zips in place of a table: their names are read from the headers at the beginning. */
import { findForeignFile } from '@kiln/shared/tabular/problems/unsupported-file';
import { expect, onTestFinished, test, vi } from 'vitest';

/** A header whose name has this many bytes, and as much of the name as is given. */
function header(nameBytes: number, name = ''): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(nameBytes, 26);
  return Buffer.concat([head, Buffer.from(name)]);
}

test('a name is not searched for further headers', () => {
  const inner = header(15, 'xl/workbook.xml');
  const zip = Buffer.concat([header(inner.length), inner, header(5, 'a.png')]);
  expect(findForeignFile(zip)?.message).toMatch(/^The file is a zip archive, not a table/);
});

test('names that claim to be longer than the file take no more than its bytes', () => {
  const zip = Buffer.concat(Array.from({ length: 2_000 }, () => header(0xffff)));
  const toText = vi.spyOn(Buffer.prototype, 'toString');
  onTestFinished(() => toText.mockRestore());
  expect(findForeignFile(zip)?.code).toBe('unsupported_file');
  const characters = toText.mock.results.reduce((sum, { value }) => sum + String(value).length, 0);
  expect(characters).toBeLessThanOrEqual(zip.length);
});
