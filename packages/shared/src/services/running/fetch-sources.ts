/**
 * The pictures of an edit, ready to be sent before a start is taken: whatever is wrong with them or
 * with the store is known while nothing has been spent.
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
  /** `sources` null: a generation. */
  | { status: 'ready'; sources: EditSources | null; release(): void }
  | { status: 'later'; delayMs: number }
  /** A picture is gone for good. */
  | { status: 'gone'; message: string };

/** What takes longer goes on by itself, and is there at the next try. */
const patienceMs = 60_000;
const awayDelayMs = 5_000;

export async function fetchSources(
  deps: RunDeps,
  { job, log }: ClaimedJob,
): Promise<FetchedSources> {
  const ids = job.source_file_ids;
  if (ids === null) return { status: 'ready', sources: null, release: () => undefined };
  // Not copied for a start that is not to be had soon.
  const backoffMs = deps.gate.backoffWhenCrowded(job.pool, job.priority);
  if (backoffMs !== null) return { status: 'later', delayMs: backoffMs };

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
  const outcome = await withDeadline(patienceMs, () => holding).catch((err: unknown) => {
    log.warn({ err }, 'the pictures of an edit cannot be read yet; the job tries again');
    return null;
  });
  if (outcome === null) return { status: 'later', delayMs: awayDelayMs };
  if (outcome.status === 'late') {
    holding.then(
      (late) => late.status === 'acquired' && late.release(),
      (err: unknown) => log.warn({ err }, 'the pictures of an edit could not be read'),
    );
    return { status: 'later', delayMs: awayDelayMs };
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
  });
  return {
    images: images.map(toFile),
    mask: mask === null ? null : toFile(mask),
    markup: markup === null ? null : toFile(markup),
  };
}
