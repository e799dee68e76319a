/** The parts in which a long object is uploaded: S3 takes 10,000 of them. */
import {
  createPartMemory,
  partSizeOf,
  putInParts,
  type Upload,
} from '@kiln/shared/storage/put-in-parts';
import { expect, test } from 'vitest';

const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3];

test.each([
  ['of unknown length', 0, 12 * mebibyte],
  ['of 100 GiB', 100 * gibibyte, 12 * mebibyte],
  ['of a batch with 100,000 pictures of 2 MB', 270 * gibibyte, 31 * mebibyte],
])('an object %s', (_what, bytes, size) => {
  expect(partSizeOf(bytes)).toBe(size);
});

test.each([1, 12, 117, 118, 500, 5_000])(
  'an object of %i GiB fits into 10,000 parts, also if it is a tenth longer',
  (gibibytes) => {
    const bytes = gibibytes * gibibyte;
    expect(Math.ceil((bytes * 1.1) / partSizeOf(bytes))).toBeLessThanOrEqual(10_000);
  },
);

test('many slow senders share a limit of memory, and what ends frees it', async () => {
  const memory = createPartMemory(3 * mebibyte);
  const upload = {
    putWhole: () => Promise.resolve(),
    begin: () => Promise.reject(new Error('one part is enough')),
  } satisfies Upload;
  const rest = Promise.withResolvers<void>();
  async function* send(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(mebibyte);
    await rest.promise;
  }
  const slow = Array.from({ length: 5 }, () => putInParts(send(), upload, {}, memory));
  const refused = slow
    .slice(3)
    .map((each) => expect(each).rejects.toThrow(/fill the 3145728 bytes/));
  await Promise.all(refused);
  rest.resolve();
  for (const each of slow.slice(0, 3)) expect(await each).toMatchObject({ bytes: mebibyte });
  await putInParts(send(), upload, {}, memory);
  await putInParts(send(), upload, {}, memory);
  expect(() => memory.hold(3 * mebibyte)).not.toThrow();
});

test('a part frees its memory when it was sent', async () => {
  const memory = createPartMemory(40 * mebibyte);
  const sent: number[] = [];
  const upload: Upload = {
    putWhole: () => Promise.resolve(),
    begin: () =>
      Promise.resolve({
        sendPart: async (part) => void sent.push(part.length),
        complete: () => Promise.resolve(),
        abort: () => Promise.resolve(),
      }),
  };
  async function* send(): AsyncGenerator<Uint8Array> {
    for (let each = 0; each < 5; each += 1) yield Buffer.alloc(12 * mebibyte);
  }
  await putInParts(send(), upload, {}, memory);
  expect(sent).toEqual([...Array<number>(5).fill(12 * mebibyte)]);
  expect(() => memory.hold(40 * mebibyte)).not.toThrow();
});
