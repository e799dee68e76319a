import {
  createZipLength,
  writeZip,
  type ZipEntry,
} from '@kiln/shared/services/batches/output/write-zip';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unzip } from '../../../../support/unzip.ts';

/** Generous, because gigabytes are written. */
const timeout = 60_000;
const modifiedAt = new Date('2026-11-21T12:34:56Z');

async function* chunksOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function* entriesOf(
  files: readonly { name: string; chunks: () => AsyncIterable<Uint8Array> }[],
) {
  for (const { name, chunks } of files)
    yield { name, modifiedAt, bytes: chunks() } satisfies ZipEntry;
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

test('entries come back unchanged, and the length is as computed', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
  const files = fc.uniqueArray(fc.record({ name, bytes: fc.uint8Array({ maxLength: 3_000 }) }), {
    selector: (file) => file.name,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 1_000 }), async (each, chunkBytes) => {
      const length = createZipLength();
      for (const file of each) length.add(file.name, file.bytes.length);
      const zip = await collect(
        writeZip(
          entriesOf(
            each.map((file) => ({
              name: file.name,
              chunks: () => chunksOf(file.bytes, chunkBytes),
            })),
          ),
        ),
      );
      expect(zip.length).toBe(length.total());
      expect([...unzip(zip)]).toEqual(each.map((file) => [file.name, Buffer.from(file.bytes)]));
    }),
  );
});

/**
 * The classic end record holds 65,535 and 0xffffffff; the ZIP64 record before it the real values.
 */
function readEnd64(tail: Buffer) {
  const at = tail.length - 22 - 20 - 56;
  expect([tail.readUInt32LE(at), tail.readUInt32LE(at + 56)]).toEqual([0x06064b50, 0x07064b50]);
  return {
    count: Number(tail.readBigUInt64LE(at + 32)),
    directory: Number(tail.readBigUInt64LE(at + 48)),
    end64: Number(tail.readBigUInt64LE(at + 56 + 8)),
  };
}

test('more entries than the classic end can count', { timeout }, async () => {
  const names = Array.from({ length: 70_000 }, (_, index) => `${index}.png`);
  const length = createZipLength();
  for (const name of names) length.add(name, 0);
  const zip = await collect(
    writeZip(
      entriesOf(names.map((name) => ({ name, chunks: () => chunksOf(Buffer.alloc(0), 1) }))),
    ),
  );
  expect(zip.length).toBe(length.total());
  const { count, directory, end64 } = readEnd64(zip);
  expect([count, end64]).toEqual([70_000, zip.length - 22 - 20 - 56]);
  expect(zip.readUInt32LE(directory)).toBe(0x02014b50);
});

test('entries that begin after the first 4 GB', { timeout }, async () => {
  const gigabyte = 1024 ** 3;
  const block = Buffer.alloc(64 * 1024 * 1024);
  async function* zeros(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < gigabyte; sent += block.length) yield block;
  }
  const names = ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
  const length = createZipLength();
  for (const name of names) length.add(name, gigabyte);
  let total = 0;
  let tail = Buffer.alloc(0);
  for await (const piece of writeZip(entriesOf(names.map((name) => ({ name, chunks: zeros }))))) {
    total += piece.length;
    if (piece.length < block.length) tail = Buffer.concat([tail, piece]);
  }
  expect(total).toBe(length.total());
  const { count, directory, end64 } = readEnd64(tail);
  expect([count, end64]).toEqual([6, total - 22 - 20 - 56]);
  // The last record of the directory has its offset after the name.
  const last = tail.length - 22 - 20 - 56 - (46 + 5 + 12);
  expect([
    tail.readUInt32LE(last),
    tail.readUInt32LE(last + 42),
    tail.readUInt16LE(last + 51),
  ]).toEqual([0x02014b50, 0xffff_ffff, 1]);
  expect(Number(tail.readBigUInt64LE(last + 55))).toBe(5 * (30 + 5 + gigabyte + 16));
  expect(directory).toBe(6 * (30 + 5 + gigabyte + 16));
});

test('an entry of 4 GB or more is refused', { timeout }, async () => {
  const block = Buffer.alloc(256 * 1024 * 1024);
  async function* zeros(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 16; sent += 1) yield block;
  }
  const reading = (async () => {
    for await (const _ of writeZip(entriesOf([{ name: 'large.png', chunks: zeros }])));
  })();
  await expect(reading).rejects.toThrow(
    'large.png has 4294967296 bytes; an entry has less than 4 GB',
  );
});
