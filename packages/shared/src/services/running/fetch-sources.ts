/**
 * Fetches the pictures of an edit before a start is taken, so that a missing picture or an
 * unavailable store is noticed before anything is spent.
 */
import { withDeadline } from '../../deadline.ts';
import type { EditSources, SourceFile } from '../../provider/edit-form.ts';
import { findFiles, type FileRow } from '../../records/files/files.ts';
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

  const holding = deps.sourceCache.acquire(
    rows.map((row) => ({ ...row, objectKey: row.object_key })),
  );
  const outcome = await withDeadline(copyLimitMs, () => holding).catch((err: unknown) => {
    log.warn({ err }, 'the pictures of an edit cannot be read yet; the job tries again');
    return null;
  });
  if (outcome === null)
    return { status: 'later', delayMs: unavailableDelayMs, reason: 'store_away' };
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
    sources: buildSources(job.request, files, held.bytes),
    release: held.release,
  };
}

function buildSources(
  request: StoredJobRequest,
  files: ReadonlyMap<string, FileRow>,
  bytes: ReadonlyMap<string, Blob>,
): EditSources {
  const { images, mask, markup } = listSources(request);
  const toFile = (id: string): SourceFile => ({
    bytes: bytes.get(id) ?? new Blob([]),
    contentType: (files.get(id)?.content_type ?? 'image/png') as SourceFile['contentType'],
    size: files.get(id)?.picture ?? null,
  });
  return {
    images: images.map(toFile),
    mask: mask === null ? null : toFile(mask),
    markup: markup === null ? null : toFile(markup),
  };
}
