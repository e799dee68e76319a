/** Checks that images exist that jobs say they are made from (`derived_from`). */
import { parseImageId } from '../../domain/gallery/image-id.ts';
import { KilnError } from '../../errors.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findSourceImages } from '../../records/finals/drafts.ts';

/** Returns those of the ids that no image of the project has. */
export type FindDrafts = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

export function findDraftsOf(db: Database, projectId: string): FindDrafts {
  return async (ids) => {
    const refs = ids.flatMap((id) => parseImageId(id) ?? []);
    const found = await findSourceImages(db, projectId, refs);
    return new Set(ids.filter((id) => !found.has(id)));
  };
}

/** Throws `image_not_found`. */
export async function requireDraft(
  db: Database,
  projectId: string,
  id: string | undefined,
): Promise<void> {
  if (id === undefined) return;
  const missing = await findDraftsOf(db, projectId)([id]);
  if (missing.size === 0) return;
  throw new KilnError('image_not_found', `derived_from: ${formatMissingImage(id)}`, {
    param: 'derived_from',
  });
}

export function formatMissingImage(id: string): string {
  return `received "${id}"; there is no such image, or it is in the trash`;
}
