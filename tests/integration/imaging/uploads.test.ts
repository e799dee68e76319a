/**
 * Uploads the corpus of bad pictures to an API process as in production. Each is refused with its
 * reason and leaves nothing behind, no call is made, and memory stays below its limit, also while
 * the largest accepted pictures arrive at once.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badPictures } from '../../support/pictures/bad-pictures.ts';
import { startKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import { flatPng, paint } from '../../support/pictures/pictures.ts';
import { countLeft, field, filePart, post, toBody, upload } from '../api/form.ts';
import { engineNamed, readError, type LedgerView } from '../api/support.ts';
import { mostMemoryBytes, startApiProcess, type ApiProcess } from './api-process.ts';

const vision = field('purpose', 'vision');

/** Supplies the records, the store and the provider; the API is another process. */
const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
let api: ApiProcess;

beforeAll(async () => {
  api = await startApiProcess(kiln);
});
afterAll(() => api.close());

describe('a bad picture is refused with its reason and leaves nothing behind', () => {
  let before: Awaited<ReturnType<typeof countLeft>>;
  beforeAll(async () => {
    before = await countLeft(kiln);
  });

  test.each(badPictures)('$name', async ({ bytes, code, message }) => {
    // It is declared with the type of a good picture, which must not matter.
    const part = filePart(await bytes(), 'boat.png', 'content-type: image/png');
    for (const parts of [
      [vision, part],
      [part, vision],
    ]) {
      const response = await post(api, toBody(parts));
      expect(response.headers.get('x-should-retry')).toBe('false');
      const error = await readError(response);
      expect(error).toMatchObject({
        status: 400,
        type: 'invalid_request_error',
        code,
        param: 'file',
      });
      expect(error.message).toMatch(/^file: /);
      expect(error.message.slice('file: '.length)).toMatch(message);
    }
    expect(await countLeft(kiln)).toEqual(before);
  });

  test('no call was made', async () => {
    const { counters } = await kiln.control<LedgerView>('GET', 'ledger');
    expect(counters).toMatchObject({ calls: 0, paid: 0 });
  });
});

test('the properties of a good picture are stored with its file', async () => {
  const turned = await paint({ width: 90, height: 60 })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const picture = { format: 'jpeg', width: 60, height: 90, has_alpha: false, is_opaque: true };
  // The bytes decide; name and type do not.
  const { id } = await upload(api, [
    vision,
    filePart(turned, 'boat.pdf', 'content-type: application/pdf'),
  ]);
  const file = await fetch(`${api.url}/v1/files/${id}`);
  expect(await file.json()).toMatchObject({ id, picture, filename: 'boat.pdf' });
  const { rows } = await kiln.deps.records.pool.query(
    'select picture from kiln.files where id = $1',
    [id],
  );
  expect(rows).toEqual([{ picture: { ...picture, orientation: 6 } }]);
  const other = await upload(api, [field('purpose', 'batch'), filePart('{}')]);
  expect(other).not.toHaveProperty('picture');
});

test('eight of the largest accepted pictures at once stay within the memory limit', async () => {
  const large = { width: 5_000, height: 5_000 };
  const largest: [string, Buffer][] = [
    ['50,000,000 pixels in 16 bits', flatPng(10_000, 5_000, { depth: 16, colourType: 6 })],
    ['interlaced in 16 bits', flatPng(5_000, 5_000, { depth: 16, colourType: 6, interlace: 1 })],
    [
      'progressive',
      await paint(large).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
    [
      'webp',
      await paint({ ...large, alpha: 0.5 })
        .webp({ lossless: true, effort: 0 })
        .toBuffer(),
    ],
    ['50,000,000 bytes', padded(await paint({ width: 90, height: 60 }).png().toBuffer())],
  ];
  await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const [name, bytes] = largest[index % largest.length]!;
      await uploadWhenFree([vision, filePart(bytes, name)]);
    }),
  );

  /** A slow machine may ask to send a picture again; it must not refuse it. */
  async function uploadWhenFree(parts: Parameters<typeof toBody>[0]): Promise<void> {
    await waitFor(
      async () => {
        const response = await post(api, toBody(parts));
        if (response.status === 503) {
          expect((await readError(response)).code).toBe('imaging_busy');
          expect(response.headers.get('retry-after')).not.toBeNull();
          return false;
        }
        await response.arrayBuffer();
        return { status: response.status };
      },
      { what: 'the server to have time for the picture' },
    ).then(({ status }) => expect(status).toBe(200));
  }

  function padded(bytes: Buffer): Buffer {
    return Buffer.concat([bytes, Buffer.alloc(50_000_000 - bytes.length)]);
  }
});

test('the process never used more than 512 MB', ({ skip }) => {
  const peak = api.peakMemory();
  if (peak === null) return skip('this system does not report the peak memory of a process');
  expect(peak).toBeLessThan(mostMemoryBytes);
});
