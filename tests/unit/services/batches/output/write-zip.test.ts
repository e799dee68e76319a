import {
  createZipLength,
  writeZip,
  type ZipEntry,
} from '@kiln/shared/services/batches/output/write-zip';
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { unzip, unzipFrontToBack } from '../../../../support/unzip.ts';
import { waitFor } from '../../../../support/wait-for.ts';

/** Generous, because gigabytes are written. */
const timeout = 60_000;
const modifiedAt = new Date('2026-11-21T12:34:56Z');

async function* chunksOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

type TestFile = Pick<ZipEntry, 'name' | 'facts'> & { chunks: () => AsyncIterable<Uint8Array> };

async function* entriesOf(files: readonly TestFile[]): AsyncGenerator<ZipEntry> {
  for (const { name, facts, chunks } of files) yield { name, modifiedAt, facts, bytes: chunks() };
}

const factsOf = (bytes: Uint8Array) => ({ size: bytes.length, crc32: crc32(bytes) });

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

test('entries come back unchanged in both ways of reading, with the computed length', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
  const file = fc.record({
    name,
    bytes: fc.uint8Array({ maxLength: 3_000 }),
    isKnown: fc.boolean(),
  });
  const files = fc.uniqueArray(file, { selector: (each) => each.name, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 1_000 }), async (each, chunkBytes) => {
      const length = createZipLength();
      for (const { name: of, bytes } of each) length.add(of, bytes.length);
      const zip = await collect(
        writeZip(
          entriesOf(
            each.map(({ name: of, bytes, isKnown }) => ({
              name: of,
              facts: isKnown ? factsOf(bytes) : null,
              chunks: () => chunksOf(bytes, chunkBytes),
            })),
          ),
        ),
      );
      if (each.every(({ isKnown }) => isKnown)) expect(zip.length).toBe(length.total());
      const expected = each.map(({ name: of, bytes }) => [of, Buffer.from(bytes)]);
      expect([...unzip(zip)]).toEqual(expected);
      expect([...unzipFrontToBack(zip)]).toEqual(expected);
    }),
  );
});

test('an entry of known size has it in its header, and the archive is made by Unix', async () => {
  const bytes = Buffer.from('the bytes of a boat');
  const zip = await collect(
    writeZip(
      entriesOf([
        { name: '小船.png', facts: factsOf(bytes), chunks: () => chunksOf(bytes, 4) },
        { name: 'manifest.csv', facts: null, chunks: () => chunksOf(bytes, 4) },
      ]),
    ),
  );
  // UTF-8 and no descriptor, stored, with checksum and sizes.
  expect([zip.readUInt16LE(6), zip.readUInt16LE(8)]).toEqual([0x0800, 0]);
  expect([zip.readUInt32LE(14), zip.readUInt32LE(18), zip.readUInt32LE(22)]).toEqual([
    crc32(bytes),
    bytes.length,
    bytes.length,
  ]);
  let at = zip.readUInt32LE(zip.length - 22 + 16);
  for (const name of ['小船.png', 'manifest.csv']) {
    expect(zip.readUInt8(at + 5)).toBe(3); // Unix
    expect((zip.readUInt32LE(at + 38) >>> 16).toString(8)).toBe('100644');
    at += 46 + Buffer.byteLength(name);
  }
});

test.each([
  ['fewer', 3, 'short.png has 3 bytes; its header states 5'],
  ['more', 7, 'short.png has more bytes; its header states 5'],
])('%s bytes than the header states end the archive with an error', async (_what, size, error) => {
  const files = [
    {
      name: 'short.png',
      facts: { size: 5, crc32: 0 },
      chunks: () => chunksOf(Buffer.alloc(size), 3),
    },
  ];
  await expect(collect(writeZip(entriesOf(files)))).rejects.toThrow(error);
});

test('an error of the bytes reaches the reader of stored and of compressed entries', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
    throw new Error('the store is away');
  }
  for (const facts of [null, { size: 5, crc32: 0 }]) {
    const files = [{ name: 'a.png', facts, chunks: broken }];
    await expect(collect(writeZip(entriesOf(files)))).rejects.toThrow('the store is away');
  }
});

test('bytes are closed when the reader stops in the middle of an entry', async () => {
  for (const facts of [null, { size: 1_000_000, crc32: 0 }]) {
    let isClosed = false;
    const closing = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1_000);
      } finally {
        isClosed = true;
      }
    };
    const pieces = writeZip(entriesOf([{ name: 'a.png', facts, chunks: closing }]));
    await pieces.next();
    await pieces.next();
    await pieces.return(undefined);
    await waitFor(() => isClosed, { what: 'the bytes to be closed' });
  }
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
      entriesOf(
        names.map((name) => ({
          name,
          facts: { size: 0, crc32: 0 },
          chunks: () => chunksOf(Buffer.alloc(0), 1),
        })),
      ),
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
  const facts = { size: gigabyte, crc32: 0 };
  const files = names.map((name) => ({ name, facts, chunks: zeros }));
  for await (const piece of writeZip(entriesOf(files))) {
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
  expect(Number(tail.readBigUInt64LE(last + 55))).toBe(5 * (30 + 5 + gigabyte));
  expect(directory).toBe(6 * (30 + 5 + gigabyte));
});

test('an entry of 4 GB or more is refused before its header is written', async () => {
  const facts = { size: 4 * 1024 ** 3, crc32: 0 };
  const files = [{ name: 'large.png', facts, chunks: () => chunksOf(Buffer.alloc(0), 1) }];
  await expect(writeZip(entriesOf(files)).next()).rejects.toThrow(
    'large.png has 4294967296 bytes; an entry has less than 4 GB',
  );
});
