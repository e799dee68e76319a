/**
 * Writes the lines of the output file of a batch, in the format of OpenAI's Batch API: a line for
 * each succeeded job. They are streamed, because pictures in base64 may be gigabytes.
 */
import type { Config } from '../../../config.ts';
import { toSeconds } from '../../../domain/unix-seconds.ts';
import { jobsByRow } from '../../../records/batches/batch-jobs.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { imagesOf, type JobRow, type ShownImageRow } from '../../../records/jobs/jobs.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { toBase64 } from '../../base64.ts';
import { describeImages } from '../../image-requests/json-answer.ts';
import { pagesByRow } from './pages-by-row.ts';

interface LineDeps {
  config: Pick<Config, 'publicUrl'>;
  db: Database;
  store: ObjectStore;
}

/** Yields the jobs of a batch with their images, in the order of its rows. */
export async function* readJobs(
  db: Database,
  batchId: string,
): AsyncGenerator<{ job: JobRow; images: ShownImageRow[] }> {
  for await (const page of pagesByRow((after, limit) => jobsByRow(db, batchId, after, limit))) {
    const succeeded = page.filter(({ status }) => status === 'succeeded').map(({ id }) => id);
    const images = Map.groupBy(await imagesOf(db, succeeded), ({ job_id: id }) => id);
    for (const job of page) yield { job, images: images.get(job.id) ?? [] };
  }
}

/** Yields a line for each succeeded job. */
export async function* outputLines(
  { config, db, store }: LineDeps,
  batch: BatchRow,
): AsyncGenerator<Buffer> {
  for await (const { job, images } of readJobs(db, batch.id)) {
    if (job.status !== 'succeeded' || job.deleted_at !== null) continue;
    const format = job.response_format ?? formatOf(batch);
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
            url: `${config.publicUrl ?? batch.options.base_url}/v1/jobs/${job.id}/images/${image.index}`,
          }),
        );
      else {
        yield Buffer.from('{"b64_json":"');
        yield* toBase64(object.stream);
        yield Buffer.from('"}');
      }
    }
    const described = JSON.stringify({ usage: null, ...describeImages(job, images) });
    yield Buffer.from(`],${described.slice(1)}},"error":null}\n`);
  }
}

/**
 * How the lines hold pictures unless they say so themselves. The lines of a JSONL file are requests
 * to models that answer with the bytes.
 */
function formatOf({ options, reading }: BatchRow): 'b64_json' | 'url' {
  return options.response_format ?? (reading?.format === 'jsonl' ? 'b64_json' : 'url');
}
