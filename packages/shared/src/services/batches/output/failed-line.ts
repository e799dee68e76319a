/** Returns a failed line of JSONL to the caller, with its error. */
import { findJsonExcess } from '../../../bounded-json.ts';
import type { RowFailure } from '../../../records/batches/batch-jobs.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { isObject } from '../../../tabular/jsonl/parse-line.ts';
import { indexNames, normaliseSourceName } from '../input/source-names.ts';

export type ToFileId = (name: string) => string;

/**
 * Replaces the names of pictures that came with the batch by their file ids, because the pictures
 * are not sent again with the failed rows.
 */
export function createToFileId({ source_files: files }: BatchRow): ToFileId {
  const ids = indexNames(files ?? {});
  return (name) => ids.get(normaliseSourceName(name)) ?? name;
}

/**
 * Adds `error` to the line as the caller wrote it. A line that is no JSON object, or was refused
 * because it is too deep or too wide, stays as it was: writing it anew could end the process.
 */
export function addError(text: string, { code, message }: RowFailure, toId: ToFileId): string {
  const line = findJsonExcess(text) === null ? parseObject(text) : null;
  if (line === null) return text;
  const body = isObject(line['body']) ? { body: nameByIds(line['body'], toId) } : {};
  return JSON.stringify({ ...line, ...body, error: { code, message } });
}

function nameByIds(body: Record<string, unknown>, toId: ToFileId): Record<string, unknown> {
  const rename = (picture: unknown): unknown => {
    if (typeof picture === 'string') return toId(picture);
    if (!isObject(picture)) return picture;
    const { file_id: id, image_url: url, ...others } = picture;
    if (typeof id === 'string') return { ...picture, file_id: toId(id) };
    if (typeof url !== 'string' || toId(url) === url) return picture;
    return { ...others, file_id: toId(url) };
  };
  const renamed = { ...body };
  for (const field of ['image', 'images', 'mask', 'markup']) {
    const value = body[field];
    if (value !== undefined)
      renamed[field] = Array.isArray(value) ? value.map(rename) : rename(value);
  }
  return renamed;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null; // invalid JSON is the very reason why the line failed
  }
}
