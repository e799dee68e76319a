/** Stores the images of an answer, and finds stored images again after a crash. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { contentTypeOf } from '../../domain/content-type.ts';
import { findC2pa } from '../../imaging/find-c2pa.ts';
import { inspectImage } from '../../provider/answer/inspect-image.ts';
import type { AnsweredImage } from '../../provider/answer/read-images.ts';
import type { KeptImage } from '../../records/images/kept-images.ts';
import type { AnswerFacts } from '../../records/jobs/settlements.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { SpooledAttempt, SpooledImage } from '../../storage/local/spool.ts';
import { keyOfImage, parseImageKey, prefixOf } from '../files/object-keys.ts';

/** Puts the images of an answer into the object store. Repeating it changes nothing. */
export async function storeImages(
  store: ObjectStore,
  attempt: SpooledAttempt,
  images: readonly AnsweredImage[],
): Promise<KeptImage[]> {
  return Promise.all(
    images.map(async ({ bytes, sha256, format, width, height }, index) => {
      const key = keyOfImage(attempt, { index, count: images.length, format });
      await store.put(key, bytes, { contentType: contentTypeOf(format), sha256 });
      return {
        index,
        object_key: key,
        format,
        width,
        height,
        bytes: bytes.length,
        sha256,
        crc32: crc32(bytes),
        c2pa: findC2pa(format, bytes),
      };
    }),
  );
}

/**
 * Finds the images of an answer that a worker stored completely and did not record. Null unless
 * every image of the answer is there: their keys carry how many there are.
 */
export async function findStoredImages(
  store: ObjectStore,
  attempt: SpooledAttempt,
): Promise<KeptImage[] | null> {
  const listed = await store.list(prefixOf('images', attempt), { limit: 1_000 });
  const images: KeptImage[] = [];
  for (const { key } of listed) {
    const position = parseImageKey(key);
    if (position?.count !== listed.length) return null;
    const found = await store.get(key);
    if (found === null) return null;
    const bytes = await buffer(found.stream);
    const inspected = await inspectImage(bytes);
    if (inspected.status === 'unusable') return null;
    images.push({
      index: position.index,
      object_key: key,
      format: inspected.format,
      width: inspected.width,
      height: inspected.height,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      crc32: crc32(bytes),
      c2pa: findC2pa(inspected.format, bytes),
    });
  }
  return images.length === 0 ? null : images.toSorted((one, other) => one.index - other.index);
}

/**
 * Reads format and size of spooled images from their bytes, because the spool keeps nothing else of
 * an image.
 */
export async function inspectAll(images: readonly SpooledImage[]): Promise<AnsweredImage[]> {
  return Promise.all(
    images.map(async ({ bytes, sha256 }) => {
      const inspected = await inspectImage(bytes);
      if (inspected.status === 'unusable')
        throw new Error(`a spooled image is not usable: ${inspected.reason}`);
      return {
        bytes,
        sha256,
        format: inspected.format,
        width: inspected.width,
        height: inspected.height,
      };
    }),
  );
}

/** Facts recorded when the response could not be read. */
export const unknownFacts: AnswerFacts = {
  httpStatus: null,
  providerRequestId: null,
  usage: null,
  costMicros: null,
};
