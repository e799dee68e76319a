/** Zips of pictures are refused before they cost much, and unpacked in few requests. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { randomBytes } from 'node:crypto';
import { createUnzipLimiter } from '@kiln/shared/services/batches/input/unzip-limiter';
import { unzipPictures } from '@kiln/shared/services/batches/input/unzip-pictures';
import type { UploadedPictures } from '@kiln/shared/services/batches/input/uploaded-pictures';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { describe, expect, test } from 'vitest';
import { encodeText } from '../../../tabular/text/encode-text.ts';
import { buildZip, type ZipEntry } from '../../../../support/zip.ts';

/** Unpacks an archive, and records what was read and what would be stored. */
function open(zip: Buffer, { onChunk = (): void => undefined, limit = 1e9 } = {}) {
  const added = new Map<string, string>();
  const others: string[] = [];
  const limiter = createUnzipLimiter(limit);
  const abort = new AbortController();
  let requests = 0;
  const store = {
    get: (_key: string, { start = 0, end = zip.length - 1 } = {}) => {
      requests += 1;
      const stream = Readable.from([zip.subarray(start, end + 1)]);
      return Promise.resolve({ stream, size: zip.length });
    },
  } as unknown as ObjectStore;
  async function* watched(bytes: AsyncIterable<Uint8Array>) {
    for await (const chunk of bytes) {
      onChunk();
      yield chunk;
    }
  }
  const pictures = {
    reserve: (_count: number, bytes: number) => void limiter.reserve(bytes),
    async add(
      name: string,
      opening: Parameters<UploadedPictures['add']>[1],
      otherNames: readonly string[],
    ) {
      for (const other of otherNames) others.push(other);
      const { whole, close } = await opening();
      try {
        added.set(name, await text(Readable.from(watched(whole))));
      } finally {
        await close();
      }
    },
  } as unknown as UploadedPictures;
  const stored = { objectKey: 'files/zip', bytes: zip.length } as Parameters<
    typeof unzipPictures
  >[1];
  return {
    abort,
    added,
    others,
    requests: () => requests,
    unzip: () => unzipPictures(store, stored, pictures, abort.signal),
  };
}

const picture = (name: string, changes: Partial<ZipEntry> = {}): ZipEntry => ({
  name,
  content: Buffer.from(`the picture ${name}`),
  ...changes,
});

test('the pictures of an archive are unpacked, in few requests to the store', async () => {
  const entries = Array.from({ length: 300 }, (_, index) => picture(`${index}.png`));
  const { added, requests, unzip } = open(buildZip(entries));
  await unzip();
  expect(added.size).toBe(300);
  expect(added.get('299.png')).toBe('the picture 299.png');
  expect(requests()).toBeLessThan(10);
});

test('its directory is not read for a caller that has gone', async () => {
  const { abort, added, requests, unzip } = open(buildZip([picture('a.png')]));
  abort.abort();
  await expect(unzip()).rejects.toMatchObject({ code: 'invalid_request', param: 'files' });
  expect([added.size, requests()]).toEqual([0, 0]);
});

describe('names of entries are read', () => {
  test.each([
    ['gb18030', ['照片/小船.png', '照片/灯塔.png']],
    ['shift_jis', ['写真/朝霧の小舟.png', '写真/古い灯台.png']],
    ['euc-kr', ['사진/작은 배.png', '사진/등대.png']],
    ['big5', ['照片/晨霧.png', '照片/燈塔.png']],
    ['windows-1251', ['Фото/Лодка.png', 'Фото/Маяк.png']],
  ] as const)('in %s', async (encoding, names) => {
    const entries = names.map((name) => ({
      ...picture(name),
      name: encodeText(name, encoding),
    }));
    const { added, others, unzip } = open(buildZip(entries));
    await unzip();
    const readings = [...added.keys(), ...others];
    for (const name of names) expect(readings).toContain(name);
  });

  test('in the code page of DOS that Windows uses', async () => {
    const name = Buffer.from('M\u0084dchen am Fenster.png', 'latin1');
    const { added, unzip } = open(buildZip([picture('x', {}), { ...picture('y'), name }]));
    await unzip();
    expect([...added.keys()]).toEqual(['x', 'Mädchen am Fenster.png']);
  });

  test('in several ways if they are too short to tell', async () => {
    const { added, others, unzip } = open(
      buildZip([{ ...picture('y'), name: encodeText('猫.png', 'shift_jis') }]),
    );
    await unzip();
    expect([...added.keys(), ...others]).toContain('猫.png');
  });
});

describe('nothing is unpacked of', () => {
  test.each<[what: string, entries: ZipEntry[], reason: RegExp]>([
    [
      'an archive whose entries are one and the same bytes',
      [picture('a.png'), picture('b.png', { sharesBytesOf: 0 })],
      /holds "a.png", whose bytes are those of another entry, too/,
    ],
    [
      'an archive with an entry that begins within another one',
      [picture('a.png', { claimedPackedBytes: 90 }), picture('b.png'), picture('c.png')],
      /holds "a.png", whose bytes are those of another entry, too/,
    ],
    [
      'an archive that unpacks to more than 100 times its size',
      [picture('a.png', { content: Buffer.alloc(200_000) })],
      /has \d+ bytes and unpacks to 200,000; a zip may unpack to at most 100 times its size/,
    ],
    [
      'an archive whose entries together unpack to more than that',
      Array.from({ length: 20 }, (_, index) =>
        picture(`${index}.png`, { content: Buffer.alloc(40_000) }),
      ),
      /unpacks to 800,000/,
    ],
    [
      'an archive with more names than a reader should keep',
      Array.from({ length: 60 }, (_, index) => picture(`${index}${'n'.repeat(60_000)}`)),
      /names and comments of more than 3,072,000 bytes/,
    ],
  ])('%s', async (_what, entries, reason) => {
    const { added, unzip } = open(buildZip(entries));
    await expect(unzip()).rejects.toThrow(reason);
    await expect(open(buildZip(entries)).unzip()).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'files',
    });
    expect(added.size).toBe(0);
  });

  test('an archive that would exceed what the process unpacks at a time', async () => {
    const { added, unzip } = open(buildZip([picture('a.png'), picture('b.png')]), { limit: 33 });
    await expect(unzip()).rejects.toMatchObject({ code: 'unzipping_busy', retryAfterMs: 5_000 });
    expect(added.size).toBe(0);
  });
});

test('an entry whose header moves its bytes into the next entry is refused', async () => {
  const entries = [picture('a.png', { extra: Buffer.alloc(0) }), picture('b.png')];
  const zip = buildZip(entries);
  // The header claims an extra field, which is the beginning of the bytes.
  zip.writeUInt16LE(8, 28);
  const { added, unzip } = open(zip);
  await expect(unzip()).rejects.toThrow(/holds "a.png", whose bytes are those of another entry/);
  expect(added.size).toBe(0);
});

test('pictures with a lower ratio, and extra fields, are taken', async () => {
  const noise = randomBytes(5_000);
  const { added, unzip } = open(
    buildZip([
      picture('a.png', { content: noise, extra: Buffer.from([0x55, 0x54, 1, 0, 3]) }),
      picture('flat.png', { content: Buffer.alloc(400_000) }),
    ]),
  );
  await unzip();
  expect([...added.keys()]).toEqual(['a.png', 'flat.png']);
});

test('hidden files are left out, and a name that begins with ./ is not hidden', async () => {
  const names = ['./', './a.png', './b/./c.png', './.hidden', 'b/.DS_Store', './__MACOSX/._a.png'];
  const { added, unzip } = open(buildZip(names.map((name) => picture(name))));
  await unzip();
  expect([...added.keys()]).toEqual(['./a.png', './b/./c.png']);
});

test('unpacking ends when the caller has disconnected, also within a picture', async () => {
  const entries = [
    picture('a.png', { content: randomBytes(1_000_000) }),
    picture('b.png', { content: randomBytes(1_000_000) }),
  ];
  let chunks = 0;
  const opened = open(buildZip(entries), {
    onChunk: () => {
      chunks += 1;
      opened.abort.abort();
    },
  });
  await expect(opened.unzip()).rejects.toThrow(
    /the caller disconnected while the zip was unpacked/,
  );
  expect([chunks, opened.added.size]).toEqual([1, 0]);
});

test('the bytes of a process are free again once they are released, and only once', () => {
  const limiter = createUnzipLimiter(100);
  const release = limiter.reserve(60);
  expect(() => limiter.reserve(41)).toThrow(
    'files: the zip unpacks to 41 bytes, and other requests are unpacking 60; this process ' +
      'unpacks at most 100 at a time. Nothing was accepted; send it again',
  );
  const other = limiter.reserve(40);
  release();
  release();
  expect(() => limiter.reserve(61)).toThrow();
  other();
  limiter.reserve(100);
});
