/**
 * `manifest.csv`: a line for each picture of a list, and one for each row of a batch without a
 * picture. A line says what was requested, what was made, and what it cost. Jobs are read in pages,
 * so that memory does not grow with the batch.
 */
import { sql } from 'kysely';
import { toUsd } from '../../../domain/money.ts';
import type { Breaks } from '../../../event-loop.ts';
import type { JobRow } from '../../../records/jobs/jobs.ts';
import type { Database } from '../../../records/database/open-records.ts';
import { byteOrderMark, csvLine } from '../../../tabular/csv/write-csv.ts';
import { errorOf } from './error-lines.ts';
import type { JobWithPictures, NamedPicture, PictureList } from './picture-list.ts';

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

/** A list of images also says where each belongs, and what people think of it. */
const imageColumns = [...manifestColumns, 'batch_id', 'image_id', 'rating', 'starred'] as const;

/**
 * @param withMark begins with a byte order mark; without it, Excel assumes a regional encoding
 */
export async function* manifestLines(
  db: Database,
  list: PictureList,
  { withMark, breaks }: { withMark: boolean; breaks: Breaks },
): AsyncGenerator<string> {
  yield manifestHeader(list, withMark);
  for await (const { lines } of readManifest(db, list, breaks)) yield* lines;
}

export function manifestHeader(list: PictureList, withMark: boolean): string {
  return `${withMark ? byteOrderMark : ''}${csvLine(columnsOf(list))}`;
}

function columnsOf({ manifest }: PictureList): readonly (typeof imageColumns)[number][] {
  return manifest === 'batch' ? manifestColumns : imageColumns;
}

const jobsAtATime = 500;

/** Yields the lines after the header, page by page, with the pictures in them. */
export async function* readManifest(
  db: Database,
  list: PictureList,
  breaks: Breaks,
): AsyncGenerator<{ lines: string[]; pictures: NamedPicture[] }> {
  let page: JobWithPictures[] = [];
  for await (const each of list.read(breaks)) {
    page.push(each);
    if (page.length < jobsAtATime) continue;
    yield await describe(db, list, page, breaks);
    page = [];
  }
  yield await describe(db, list, page, breaks);
}

async function describe(
  db: Database,
  list: PictureList,
  page: readonly JobWithPictures[],
  breaks: Breaks,
): Promise<{ lines: string[]; pictures: NamedPicture[] }> {
  const requestIds = await providerRequestIds(
    db,
    page.map(({ job }) => job.id),
  );
  const lines: string[] = [];
  const columns = columnsOf(list);
  for (const { job, pictures } of page) {
    if (breaks.isDue()) await breaks.take();
    const requestId = requestIds.get(job.id) ?? '';
    for (const picture of pictures.length === 0 ? [null] : pictures)
      lines.push(csvLine(toCells(columns, job, picture, requestId)));
  }
  return { lines, pictures: page.flatMap(({ pictures }) => pictures) };
}

function toCells(
  columns: readonly (typeof imageColumns)[number][],
  job: JobRow,
  picture: NamedPicture | null,
  requestId: string,
): string[] {
  const { prompt, ...asked } = job.request;
  const usage: { input_tokens?: number; output_tokens?: number } | null = job.usage;
  const error = errorOf(job);
  const image = picture?.image;
  // The first picture of a job carries the tokens and, among the rows of a batch, the cost of all
  // its pictures.
  const isFirst = image === undefined || image.index === 0;
  const isShare = columns === imageColumns && image !== undefined;
  const cost = isShare ? image.cost_micros : isFirst ? job.cost_actual_micros : null;
  const cells: Record<(typeof imageColumns)[number], string | number | null | undefined> = {
    row: job.row_number,
    custom_id: job.custom_id,
    status: picture?.isTrashed === true ? 'deleted' : job.status,
    file: picture?.isTrashed === true ? '' : picture?.name,
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
    cost_usd: cost === null ? '' : toUsd(cost),
    provider_request_id: requestId,
    attempts: job.attempts_made,
    error_code: error?.code,
    error: error?.message,
    batch_id: job.batch_id,
    image_id: image && `${image.job_id}/${image.index}`,
    rating: image?.rating,
    starred: image?.starred === true ? 'yes' : '',
  };
  return columns.map((name) => String(cells[name] ?? ''));
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
