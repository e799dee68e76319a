/** Everything about one image: what was asked, what came, what it cost, and its relatives. */
import { toSecondsOrNull } from '../../domain/unix-seconds.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findFiles } from '../../records/files/files.ts';
import { namesOfBatches } from '../../records/gallery/batch-names.ts';
import { findRelated, listDerived } from '../../records/gallery/lineage.ts';
import { findRows } from '../../records/gallery/wall.ts';
import { imagesOf } from '../../records/jobs/jobs.ts';
import { imageIdSchema, parseImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import type { ImageDetails, SourceOfImage } from '../../schemas/gallery/image.ts';
import type { Caller } from '../caller.ts';
import { listSources } from '../edits/sources.ts';
import { requireImage } from '../jobs/images.ts';
import { toImage, toCost, shownRequest } from '../jobs/job-view.ts';
import { requireJob } from '../require-job.ts';
import type { GalleryDeps } from './gallery-deps.ts';
import { toGalleryImage, toRelatedImage } from './image-view.ts';

/** More finals of one image are not listed. */
const mostDerived = 50;

/** Throws `image_not_found`. */
export async function describeImage(
  deps: GalleryDeps,
  caller: Caller,
  key: ImageKey,
): Promise<ImageDetails> {
  const { db } = deps;
  await requireImage(deps, caller.projectId, key.jobId, key.index);
  const job = await requireJob(db, caller.projectId, key.jobId);
  const [rows, images, sources, became, draft, names] = await Promise.all([
    findRows(db, [key]),
    imagesOf(db, [key.jobId]),
    findSources(db, caller, listSources(job.request)),
    listDerived(db, caller.projectId, key, mostDerived),
    findDraft(db, caller, job.derived_from),
    namesOfBatches(db, job.batch_id === null ? [] : [job.batch_id]),
  ]);
  const [row] = rows;
  const image = images.find(({ index }) => index === key.index);
  // It was deleted since it was found.
  if (row === undefined || image === undefined) return describeImage(deps, caller, key);
  const shown = toImage(image, caller.baseUrl);
  return {
    ...toGalleryImage(row, caller.baseUrl),
    prompt: job.request.prompt,
    revised_prompt: job.chosen?.revised_prompt ?? null,
    sha256: image.sha256,
    filename: job.filename,
    row: job.row_number,
    batch_name: names.get(job.batch_id ?? '') ?? null,
    metadata: job.metadata,
    deployment: job.deployment,
    finished_at: toSecondsOrNull(job.finished_at),
    request: shownRequest(job.request),
    got: {
      width: image.width,
      height: image.height,
      format: image.format,
      quality: job.chosen?.quality ?? job.request.quality ?? null,
      background: job.chosen?.background ?? job.request.background ?? null,
    },
    job_cost: toCost(job),
    attempts: job.attempts_made,
    sources: sources.images,
    mask: sources.mask,
    composite_url: shown.composite?.url ?? null,
    provenance: shown.provenance,
    reused_from: job.reused_from,
    lineage: {
      made_from: [
        ...draft,
        ...sources.images.map(({ file_id: id }) => ({ kind: 'source' as const, id, image: null })),
      ],
      became: became.map(({ id, batch_id, status, images: made }) => ({
        kind: 'final' as const,
        job_id: id,
        batch_id,
        status,
        images: made.map((each) => toRelatedImage(each, caller.baseUrl)),
      })),
    },
  };
}

async function findDraft(db: Database, { projectId, baseUrl }: Caller, id: string | null) {
  if (id === null || !imageIdSchema.safeParse(id).success) return [];
  const found = await findRelated(db, projectId, parseImageId(id));
  const image = found === null ? null : toRelatedImage(found, baseUrl);
  return [{ kind: 'draft' as const, id, image }];
}

/** The files that the job sent, in their order; also those that were deleted since. */
async function findSources(
  db: Database,
  { projectId, baseUrl }: Caller,
  { images, mask }: ReturnType<typeof listSources>,
): Promise<{ images: SourceOfImage[]; mask: SourceOfImage | null }> {
  const ids = mask === null ? images : [...images, mask];
  const files = new Map(
    (await findFiles(db, projectId, ids)).map((file) => [file.id, file] as const),
  );
  const describe = (id: string): SourceOfImage => {
    const file = files.get(id);
    return {
      file_id: id,
      filename: file?.filename ?? null,
      bytes: file?.bytes ?? null,
      width: file?.picture?.width ?? null,
      height: file?.picture?.height ?? null,
      url: file === undefined ? null : `${baseUrl}/v1/files/${id}/content`,
    };
  };
  return { images: images.map(describe), mask: mask === null ? null : describe(mask) };
}
