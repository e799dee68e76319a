/**
 * Checks pictures that are stored as objects, so that only pictures that a provider takes become
 * files.
 */
import type { Refusal } from '../../models/picture-rules.ts';
import { KilnError } from '../../errors.ts';
import type { Imaging } from '../../imaging/imaging.ts';
import type { Picture } from '../../schemas/picture.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { readObject } from './read-object.ts';

export interface PictureDeps {
  store: ObjectStore;
  imaging: Imaging;
}

/**
 * Throws the codes of `models/picture-rules.ts`, and `imaging_busy`.
 * @param param the field of the caller's request
 */
export async function checkPictureFile(
  { store, imaging }: PictureDeps,
  objectKey: string,
  param: string,
): Promise<Picture> {
  const check = await imaging.checkSource(async (signal) => {
    const bytes = await readObject(store, objectKey, signal);
    if (bytes === null)
      throw new KilnError('file_missing', `the bytes of ${param} are not in the object store`);
    return bytes;
  });
  if (check.status === 'refused') throw toPictureError(check, param);
  return check.picture;
}

export function toPictureError({ code, message }: Refusal, param: string): KilnError {
  return new KilnError(code, `${param}: ${message}`, { param });
}
