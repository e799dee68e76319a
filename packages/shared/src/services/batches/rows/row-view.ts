/** Converts the records of a row to the row of the API. */
import { toSecondsOrNull } from '../../../domain/unix-seconds.ts';
import type { InvalidRow } from '../../../records/batches/batch-jobs.ts';
import type { JobOfRow } from '../../../records/batches/row-pages.ts';
import type { ShownImageRow } from '../../../records/jobs/jobs.ts';
import type { RowOfBatch } from '../../../schemas/batches/batch-row.ts';
import { toCost, toImage } from '../../jobs/job-view.ts';
import { errorOf } from '../output/error-lines.ts';

export function rowOfJob(
  job: JobOfRow,
  images: readonly ShownImageRow[],
  baseUrl: string,
): RowOfBatch {
  const isDeleted = job.deleted_at !== null;
  return {
    object: 'batch.row',
    row: job.row_number,
    custom_id: job.custom_id,
    status: job.status,
    prompt: isDeleted ? null : job.prompt,
    job_id: isDeleted ? null : job.id,
    started_at: toSecondsOrNull(job.started_at),
    finished_at: toSecondsOrNull(job.finished_at),
    cost: toCost(job),
    error: toError(job),
    images: images.map((image) => toImage(image, baseUrl)),
  };
}

function toError(job: JobOfRow): RowOfBatch['error'] {
  // A cancelled job has no error, only its line in the error file has.
  if (job.status === 'cancelled' && job.deleted_at === null) return null;
  const error = errorOf(job);
  return error && { code: error.code, message: error.message, param: job.error?.param ?? null };
}

/** A row that Kiln refused. Its problems are never empty. */
export function rowOfRefusal({ row_number: row, custom_id, problems }: InvalidRow): RowOfBatch {
  const [first] = problems;
  const error = {
    code: first?.code ?? 'invalid_value',
    message: problems.map(({ message }) => message).join('; '),
    param: first?.param ?? null,
  };
  return { ...rowWithoutJob(row, 'invalid'), custom_id, error };
}

export function rowWithoutJob(row: number, status: RowOfBatch['status']): RowOfBatch {
  return {
    object: 'batch.row',
    row,
    custom_id: null,
    status,
    prompt: null,
    job_id: null,
    started_at: null,
    finished_at: null,
    cost: { currency: 'usd', estimated: null, estimate_basis: null, actual: null, at_risk: 0 },
    error: null,
    images: [],
  };
}
