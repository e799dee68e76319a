/** Converts the record of a file to the file of the API. */
import { toSeconds } from '../../domain/unix-seconds.ts';
import type { FileRow } from '../../records/files/files.ts';
import type { FileObject } from '../../schemas/file.ts';

const dayMs = 24 * 3_600_000;

/** @param keepDays how long every file is kept; null means for ever */
export function toFile(row: Omit<FileRow, 'deleted_at'>, keepDays: number | null): FileObject {
  const ends = [
    ...(row.expires_at === null ? [] : [row.expires_at.getTime()]),
    ...(keepDays === null ? [] : [row.created_at.getTime() + keepDays * dayMs]),
  ];
  return {
    id: row.id,
    object: 'file',
    bytes: row.bytes,
    created_at: toSeconds(row.created_at),
    ...(ends.length > 0 && { expires_at: toSeconds(new Date(Math.min(...ends))) }),
    filename: row.filename,
    purpose: row.purpose,
    ...(row.picture !== null && { picture: row.picture }),
    status: 'processed',
  };
}
