/**
 * Writes the lines of the output and error files of a batch, in the format of OpenAI's Batch API.
 * They are streamed, because pictures in base64 may be gigabytes. The output file has a line for
 * each succeeded job, the error file one for each row that failed, expired, was cancelled or was
 * deleted.
 */
import { toSeconds } from '../../../domain/unix-seconds.ts';
import { invalidByRow, jobsByRow } from '../../../records/batches/batch-jobs.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { imagesOf, type ImageRow, type JobRow } from '../../../records/jobs/jobs.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { describeDeletion } from '../../require-job.ts';
import { toBase64 } from '../../base64.ts';
import { eachByRow, pagesByRow } from './pages-by-row.ts';

interface LineDeps {
  db: Database;
  store: ObjectStore;
}

/** Yields the jobs of a batch with their images, in the order of its rows. */
export async function* readJobs(
  db: Database,
  batchId: string,
): AsyncGenerator<{ job: JobRow; images: ImageRow[] }> {
  for await (const page of pagesByRow((after, limit) => jobsByRow(db, batchId, after, limit))) {
    const succeeded = page.filter(({ status }) => status === 'succeeded').map(({ id }) => id);
    const images = Map.groupBy(await imagesOf(db, succeeded), ({ job_id: id }) => id);
    for (const job of page) yield { job, images: images.get(job.id) ?? [] };
  }
}

/** Yields a line for each succeeded job. */
export async function* outputLines(
  { db, store }: LineDeps,
  batch: BatchRow,
): AsyncGenerator<Buffer> {
  for await (const { job, images } of readJobs(db, batch.id)) {
    if (job.status !== 'succeeded' || job.deleted_at !== null) continue;
    const format = job.response_format ?? batch.options.response_format ?? 'url';
    const created = toSeconds(job.finished_at ?? job.created_at);
    const id = JSON.stringify(`batch_req_${job.id.slice(4)}`);
    const customId = JSON.stringify(job.custom_id ?? `row-${job.row_number}`);
    yield Buffer.from(
      `{"id":${id},"custom_id":${customId},"response":{"status_code":200,"request_id":${JSON.stringify(job.request_id)},"body":{"created":${created},"data":[`,
    );
    for (const [index, image] of images.entries()) {
      if (index > 0) yield Buffer.from(',');
      const object = format === 'b64_json' ? await store.get(image.object_key) : null;
      if (object === null)
        // A missing picture gets its URL, too, so that it does not keep the others from the caller.
        yield Buffer.from(
          JSON.stringify({
            url: `${batch.options.base_url}/v1/jobs/${job.id}/images/${image.index}`,
          }),
        );
      else {
        yield Buffer.from('{"b64_json":"');
        yield* toBase64(object.stream);
        yield Buffer.from('"}');
      }
    }
    const svgUsage = job.svg_usage && `,"svg_usage":${JSON.stringify(job.svg_usage)}`;
    yield Buffer.from(`],"usage":${JSON.stringify(job.usage)}${svgUsage ?? ''}}},"error":null}\n`);
  }
}

/** Yields a line for each row without a result, in the order of the rows. */
export async function* errorLines(
  { db }: LineDeps,
  batch: BatchRow,
  unread: AsyncIterable<{ row: number; customId: string | null }>,
): AsyncGenerator<Buffer> {
  const invalid = eachByRow((after, limit) => invalidByRow(db, batch.id, after, limit));
  let next = await invalid.next();
  async function* invalidRowLines(upTo: number): AsyncGenerator<Buffer> {
    for (; next.done !== true && next.value.row_number < upTo; next = await invalid.next()) {
      const { row_number: row, custom_id: customId, problems } = next.value;
      const error = {
        code: problems[0]?.code ?? 'invalid_value',
        message: problems.map(({ message }) => message).join('; '),
        param: problems[0]?.param ?? null,
      };
      yield errorLine(idOfRow(batch, row), customId ?? `row-${row}`, error);
    }
  }
  for await (const { job } of readJobs(db, batch.id)) {
    const row = job.row_number ?? 0;
    yield* invalidRowLines(row);
    const error = errorOf(job);
    if (error !== null)
      yield errorLine(`batch_req_${job.id.slice(4)}`, job.custom_id ?? `row-${row}`, error);
  }
  yield* invalidRowLines(Number.POSITIVE_INFINITY);
  for await (const { row, customId } of unread)
    yield errorLine(idOfRow(batch, row), customId ?? `row-${row}`, cancelled);
}

interface LineError {
  code: string;
  message: string;
  param: string | null;
}

const cancelled: LineError = {
  code: 'batch_cancelled',
  message: 'The batch was cancelled before this request was executed.',
  param: null,
};
const expired: LineError = {
  code: 'batch_expired',
  message: 'This request could not be executed before the deadline of the batch.',
  param: null,
};

/** Why a job has no result; null if it succeeded and was not deleted, or has not ended. */
export function errorOf(job: JobRow): LineError | null {
  if (job.deleted_at !== null)
    return {
      code: 'job_deleted',
      message: describeDeletion(job.id, job.deleted_at),
      param: null,
    };
  switch (job.status) {
    case 'failed':
      return job.error === null
        ? { code: 'failed', message: 'The request failed.', param: null }
        : { code: job.error.code, message: job.error.message, param: job.error.param };
    case 'expired':
      return expired;
    case 'cancelled':
      return cancelled;
    default:
      return null;
  }
}

function idOfRow(batch: BatchRow, row: number): string {
  return `batch_req_${batch.id.slice('batch_'.length)}_${row}`;
}

function errorLine(id: string, customId: string, error: LineError): Buffer {
  return Buffer.from(`${JSON.stringify({ id, custom_id: customId, response: null, error })}\n`);
}
