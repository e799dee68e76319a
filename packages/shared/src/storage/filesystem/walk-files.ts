/** Lists the files below a folder in the order of their keys. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nullIfMissing } from './durable-files.ts';
import { reservedSegment } from '../object-store.ts';

/**
 * Yields the keys below `folder` (empty, or ending in a slash) in character order. Skips folders
 * that cannot contain a match; does not follow symbolic links.
 */
export async function* walkFiles(
  root: string,
  folder: string,
  want: { prefix: string; after: string },
): AsyncGenerator<string> {
  const entries =
    (await readdir(join(root, folder), { withFileTypes: true }).catch(nullIfMissing)) ?? [];
  // A folder is sorted by its name with the slash, because `a/…` sorts after `a-…` and before
  // `a0…`.
  const names = entries.map((entry) => ({
    entry,
    key: folder + entry.name + (entry.isDirectory() ? '/' : ''),
  }));
  for (const { entry, key } of names.toSorted((one, other) => (one.key < other.key ? -1 : 1))) {
    if (key === `${reservedSegment}/`) continue;
    if (entry.isDirectory()) {
      const mayMatch = key.startsWith(want.prefix) || want.prefix.startsWith(key);
      const mayFollow = key > want.after || want.after.startsWith(key);
      if (mayMatch && mayFollow) yield* walkFiles(root, key, want);
    } else if (entry.isFile() && key.startsWith(want.prefix) && key > want.after) {
      yield key;
    }
  }
}
