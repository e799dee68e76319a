/**
 * `manifest.csv`: a line for each picture of a batch, and one for each row without a picture. A
 * line says what was requested, what was made, and what it cost. Jobs are read in pages, so that
 * memory does not grow with the batch. The archive takes the names of its pictures from here.
 */
import { sql } from 'kysely';
import { toUsd } from '../../../domain/money.ts';
import type { Breaks } from '../../../event-loop.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import type { JobRow, ShownImageRow } from '../../../records/jobs/jobs.ts';
import type { Database } from '../../../records/database/open-records.ts';
import { byteOrderMark, csvLine } from '../../../tabular/csv/write-csv.ts';
import { createImageNames } from './image-names.ts';
import { errorOf } from './error-lines.ts';
import { readJobs } from './output-lines.ts';

const manifestColumns = [
  'row',
  'custom_id',
  'status',
  'file',
  'sha256',
  'bytes',
  'prompt',
  'model',
  'deployment',
  'asked',
  'used',
  'input_tokens',
  'output_tokens',
  'cost_usd',
  'provider_request_id',
  'attempts',
  'error_code',
  'error',
] as const;

export interface NamedPicture {
  job: JobRow;
  image: ShownImageRow;
  name: string;
  /** The name of the composite, if there is one. */
  compositeName: string;
}

interface JobWithPictures {
  job: JobRow;
  pictures: NamedPicture[];
}

/**
 * Yields the jobs of a batch in the order of its rows, with their pictures and the names of these.
 * Throws the reason of the breaks' signal, also within a page.
 */
export async function* readPictures(
  db: Database,
  batchId: string,
  breaks: Breaks,
): AsyncGenerator<JobWithPictures> {
  const names = createImageNames();
  for await (const { job, images } of readJobs(db, batchId)) {
    if (breaks.isDue()) await breaks.take();
    const facts = { filename: job.filename, customId: job.custom_id, row: job.row_number ?? 0 };
    const pictures = images.map((image) => {
      const position = { ...facts, index: image.index, count: images.length };
      const name = names.take({ ...position, format: image.format });
      // Taken whether it has been made or not, so that other names stay the same when it is.
      const compositeName =
        job.request.composite === undefined
          ? ''
          : names.take({ ...position, format: 'png', ending: '-composite' });
      return { job, image, name, compositeName };
    });
    yield { job, pictures };
  }
}

/**
 * @param withMark begins with a byte order mark; without it, Excel assumes a regional encoding
 */
export async function* manifestLines(
  db: Database,
  batch: BatchRow,
  { withMark, breaks }: { withMark: boolean; breaks: Breaks },
): AsyncGenerator<string> {
  yield manifestHeader(withMark);
  for await (const { lines } of readManifest(db, batch, breaks)) yield* lines;
}

export function manifestHeader(withMark: boolean): string {
  return `${withMark ? byteOrderMark : ''}${csvLine(manifestColumns)}`;
}

const jobsAtATime = 500;

/** Yields the lines after the header, page by page, with the pictures in them. */
export async function* readManifest(
  db: Database,
  batch: BatchRow,
  breaks: Breaks,
): AsyncGenerator<{ lines: string[]; pictures: NamedPicture[] }> {
  let page: JobWithPictures[] = [];
  for await (const each of readPictures(db, batch.id, breaks)) {
    page.push(each);
    if (page.length < jobsAtATime) continue;
    yield await describe(db, page, breaks);
    page = [];
  }
  yield await describe(db, page, breaks);
}

async function describe(
  db: Database,
  page: readonly JobWithPictures[],
  breaks: Breaks,
): Promise<{ lines: string[]; pictures: NamedPicture[] }> {
  const requestIds = await providerRequestIds(
    db,
    page.map(({ job }) => job.id),
  );
  const lines: string[] = [];
  for (const { job, pictures } of page) {
    if (breaks.isDue()) await breaks.take();
    const requestId = requestIds.get(job.id) ?? '';
    for (const picture of pictures.length === 0 ? [null] : pictures)
      lines.push(csvLine(toCells(job, picture, requestId)));
  }
  return { lines, pictures: page.flatMap(({ pictures }) => pictures) };
}

function toCells(job: JobRow, picture: NamedPicture | null, requestId: string): string[] {
  const { prompt, ...asked } = job.request;
  const usage: { input_tokens?: number; output_tokens?: number } | null = job.usage;
  const error = errorOf(job);
  const image = picture?.image;
  // The first picture of a job carries the tokens and the cost of all its pictures.
  const isFirst = image === undefined || image.index === 0;
  const cells: Record<(typeof manifestColumns)[number], string | number | null | undefined> = {
    row: job.row_number,
    custom_id: job.custom_id,
    status: job.status,
    file: picture?.name,
    sha256: image?.sha256,
    bytes: image?.bytes,
    prompt,
    model: job.model,
    deployment: job.deployment,
    asked: JSON.stringify(asked),
    used:
      image &&
      JSON.stringify({ size: `${image.width}x${image.height}`, output_format: image.format }),
    input_tokens: isFirst ? usage?.input_tokens : '',
    output_tokens: isFirst ? usage?.output_tokens : '',
    cost_usd: isFirst && job.cost_actual_micros !== null ? toUsd(job.cost_actual_micros) : '',
    provider_request_id: requestId,
    attempts: job.attempts_made,
    error_code: error?.code,
    error: error?.message,
  };
  return manifestColumns.map((name) => String(cells[name] ?? ''));
}

/** The provider's id of the last answered call of each job. */
async function providerRequestIds(
  db: Database,
  jobIds: readonly string[],
): Promise<Map<string, string>> {
  if (jobIds.length === 0) return new Map();
  const { rows } = await sql<{ job_id: string; provider_request_id: string }>`
    select distinct on (job_id) job_id, provider_request_id from kiln.attempts
    where job_id = any(${[...jobIds]}::text[]) and provider_request_id is not null
    order by job_id, no desc`.execute(db);
  return new Map(rows.map((row) => [row.job_id, row.provider_request_id]));
}
