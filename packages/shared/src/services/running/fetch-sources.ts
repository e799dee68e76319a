/**
 * Fetches the pictures of an edit before a start is taken, so that a missing picture or an
 * unavailable store is noticed before anything is spent.
 */
import { withDeadline } from '../../deadline.ts';
import type { EditSources, SourceFile } from '../../provider/edit-form.ts';
import { findFiles, type FileRow } from '../../records/files/files.ts';
import { isOfStoredSize } from '../../models/picture-rules.ts';
import { KilnError } from '../../errors.ts';
import type { Imaging } from '../../imaging/imaging.ts';
import type { SourceObject } from '../../storage/local/source-cache.ts';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { ClaimedJob, RunDeps } from './claimed-job.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { withoutLimit } from '../retry-limits.ts';
import { listSources } from '../edits/sources.ts';

export type FetchedSources =
  /** `sources` is null for a generation. */
  | { status: 'ready'; sources: EditSources | null; release(): void }
  | { status: 'later'; delayMs: number; reason: 'not_ready' | 'store_away' }
  /** A picture was deleted, or its object is missing. */
  | { status: 'gone'; message: string };

/**
 * Copying that takes longer goes on in the background, and another job gets the place before the
 * start meanwhile. The next try finds the copy.
 */
const copyLimitMs = 2_000;
const copyingDelayMs = 1_000;
const unavailableDelayMs = 5_000;

export async function fetchSources(
  deps: RunDeps,
  { job, log }: ClaimedJob,
): Promise<FetchedSources> {
  const ids = job.source_file_ids;
  if (ids === null) return { status: 'ready', sources: null, release: () => undefined };

  const rows = await retryWhileUnavailable(
    () => findFiles(deps.db, job.project_id, ids),
    withoutLimit('sources', log),
  );
  const files = new Map(rows.map((row) => [row.id, row]));
  const deleted = ids.find((id) => !files.has(id));
  if (deleted !== undefined)
    return { status: 'gone', message: `${deleted} was deleted before it was sent` };

  const copies = chooseCopies(deps.imaging, job.request, files);
  const holding = deps.sourceCache.acquire(copies.all);
  const outcome = await withDeadline(copyLimitMs, () => holding).catch((err: unknown) => {
    log.warn({ err }, 'the pictures of an edit cannot be read yet; the job tries again');
    return { status: 'failed' as const, err };
  });
  if (outcome.status === 'failed') {
    const { err } = outcome;
    return err instanceof KilnError && err.code === 'image_check_failed'
      ? { status: 'gone', message: err.message }
      : { status: 'later', delayMs: unavailableDelayMs, reason: 'store_away' };
  }
  if (outcome.status === 'late') {
    holding.then(
      (late) => late.status === 'acquired' && late.release(),
      (err: unknown) => log.warn({ err }, 'the pictures of an edit could not be read'),
    );
    return { status: 'later', delayMs: copyingDelayMs, reason: 'not_ready' };
  }
  const held = outcome.value;
  if (held.status === 'missing') {
    log.error({ fileId: held.id }, 'the bytes of a picture are not in the object store');
    return { status: 'gone', message: `the bytes of ${held.id} are not in the object store` };
  }
  return {
    status: 'ready',
    sources: buildSources(job.request, files, (id) => held.bytes.get(copies.nameOf(id))),
    release: held.release,
  };
}

/** The copies that a job needs; masks have names of their own, because some are turned. */
interface Copies {
  all: SourceObject[];
  nameOf(source: { id: string; isMask: boolean }): string;
}

/**
 * A mask that was drawn on the stored pixels of the first image is turned like that image: the
 * provider compares it with the image as it is shown.
 */
function chooseCopies(
  imaging: Imaging,
  request: StoredJobRequest,
  files: ReadonlyMap<string, FileRow>,
): Copies {
  const { images, mask, markup } = listSources(request);
  const first = files.get(images[0] ?? '')?.picture ?? null;
  const masks = [mask, markup].filter((id) => id !== null);
  const isTurned = (id: string): boolean => {
    const picture = files.get(id)?.picture ?? null;
    return first !== null && picture !== null && isOfStoredSize(picture, first);
  };
  const orientation = first?.orientation ?? 1;
  const nameOf: Copies['nameOf'] = ({ id, isMask }) =>
    isMask && isTurned(id) ? `${id}-turned-${orientation}` : id;
  const all = [
    ...images.map((id) => ({ id, isMask: false })),
    ...masks.map((id) => ({ id, isMask: true })),
  ].flatMap((source) => {
    const row = files.get(source.id);
    if (row === undefined) return [];
    const name = nameOf(source);
    return {
      ...row,
      id: name,
      objectKey: row.object_key,
      ...(name !== row.id && { transform: turnBy(imaging, orientation) }),
    };
  });
  return { all, nameOf };
}

function turnBy(imaging: Imaging, orientation: number) {
  return async (bytes: Uint8Array): Promise<Uint8Array> => {
    const turned = await imaging.turn(bytes, orientation);
    if (turned.status === 'ok') return turned.bytes;
    throw new KilnError(
      turned.code,
      `the mask has the size of the stored image, and could not be turned: ${turned.message}`,
    );
  };
}

function buildSources(
  request: StoredJobRequest,
  files: ReadonlyMap<string, FileRow>,
  bytesOf: (source: { id: string; isMask: boolean }) => Blob | undefined,
): EditSources {
  const { images, mask, markup } = listSources(request);
  const toFile = (id: string, isMask: boolean): SourceFile => ({
    bytes: bytesOf({ id, isMask }) ?? new Blob([]),
    contentType: (files.get(id)?.content_type ?? 'image/png') as SourceFile['contentType'],
    size: files.get(id)?.picture ?? null,
  });
  return {
    images: images.map((id) => toFile(id, false)),
    mask: mask === null ? null : toFile(mask, true),
    markup: markup === null ? null : toFile(markup, true),
  };
}
