/**
 * Opens a stored picture together with its CRC-32, which an archive states before the bytes. The
 * checksum is kept with the picture when it is stored. A picture that an earlier release stored has
 * none: it is read once, chunk by chunk, and its checksum is kept from then on.
 */
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { KilnError } from '../../../errors.ts';
import { keepCrc32, type ImageRow } from '../../../records/jobs/jobs.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';

interface OpenDeps {
  db: Database;
  store: ObjectStore;
}

/** Throws `image_missing`. The caller reads the stream to its end or destroys it. */
export async function openPicture(
  deps: OpenDeps,
  image: ImageRow,
): Promise<{ stream: Readable; crc32: number }> {
  const checksum = image.crc32 ?? (await addChecksum(deps, image));
  return { crc32: checksum, stream: await openObject(deps, image) };
}

/** The same for the composite of an image. */
export async function openComposite(
  deps: OpenDeps,
  image: ImageRow,
  { object_key, crc32: checksum }: { object_key: string; crc32: number },
): Promise<{ stream: Readable; crc32: number }> {
  return { crc32: checksum, stream: await openObject(deps, { ...image, object_key }) };
}

async function addChecksum(deps: OpenDeps, image: ImageRow): Promise<number> {
  let checksum = 0;
  for await (const chunk of (await openObject(deps, image)) as AsyncIterable<Uint8Array>)
    checksum = crc32(chunk, checksum);
  await keepCrc32(deps.db, image, checksum);
  return checksum;
}

async function openObject({ store }: OpenDeps, image: ImageRow): Promise<Readable> {
  const object = await store.get(image.object_key);
  if (object !== null) return object.stream;
  throw new KilnError(
    'image_missing',
    `the bytes of image ${image.index} of ${image.job_id} are not in the object store`,
  );
}
