/**
 * `GET /v1/batches/{id}/rows`: the rows of a batch by their numbers, from any row on.
 *
 * Problem: a table of 100,000 rows jumps to any of them, and a filter may match few.
 * Approach: without a filter a page is one look into an index. With one, spans of rows are read
 * until the page is full or some time is over; then `next_from` says where to go on.
 * Guarantee: a request reads a bounded number of rows, whatever the batch and the filter.
 * Not done here: the prompts of rows without a job, which only the file has.
 */
import {
  findBatchOfRows,
  jobsOfRows,
  refusedRows,
  type BatchOfRows,
  type RowFilter,
  type RowSpan,
} from '../../../records/batches/row-pages.ts';
import type { InvalidRow } from '../../../records/batches/batch-jobs.ts';
import { imagesOf } from '../../../records/jobs/jobs.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { RowProblem } from '../../../schemas/batch.ts';
import {
  maxCountedCodes,
  type BatchRows,
  type BatchRowsQuery,
  type RowCounts,
  type RowOfBatch,
} from '../../../schemas/batches/batch-row.ts';
import type { Caller } from '../../caller.ts';
import { findOrRefuse } from '../../find-or-refuse.ts';
import { lastRowOf, statusOfUnread, type RowCounter } from './count-rows.ts';
import { rowOfJob, rowOfRefusal, rowWithoutJob } from './row-view.ts';

interface RowsDeps {
  db: Database;
  rowCounter: RowCounter;
}

/**
 * The most rows that one statement looks at when it filters. Prompts may have 32,000 characters.
 */
const rowsAtATime = 50_000;
const promptsAtATime = 5_000;
/** No further span is read after this time. */
const enoughMs = 300;

/** Throws `batch_not_found`. */
export async function listBatchRows(
  deps: RowsDeps,
  { projectId, baseUrl }: Caller,
  id: string,
  query: BatchRowsQuery,
): Promise<BatchRows> {
  const batch = await findOrRefuse('batch', id, findBatchOfRows(deps.db, projectId, id));
  const filter = { statuses: query.status, code: query.code, q: query.q };
  if (batch.row_count === null) return toPage(listRefusal(batch, query, filter), query);
  const [{ rows, goesOnAt }, counts] = await Promise.all([
    readRows({ db: deps.db, baseUrl }, batch, query, filter),
    deps.rowCounter.count(batch),
  ]);
  const total = batch.row_count;
  const facts = { total, lastRow: lastRowOf(batch), matched: matchedOf(total, counts, filter) };
  return toPage({ rows, goesOnAt, counts, ...facts }, query);
}

interface FoundRows {
  /** With one row more than the limit if there are more. */
  rows: RowOfBatch[];
  /** The first row that was not looked at, if the page is not full. */
  goesOnAt: number | null;
}

function toPage(
  found: FoundRows & {
    counts: RowCounts;
    total: number | null;
    lastRow: number | null;
    matched: number | null;
  },
  { limit }: BatchRowsQuery,
): BatchRows {
  const nextFrom = found.rows[limit]?.row ?? found.goesOnAt;
  return {
    object: 'list',
    data: found.rows.slice(0, limit),
    total: found.total,
    last_row: found.lastRow,
    matched: found.matched,
    has_more: nextFrom !== null,
    next_from: nextFrom,
    counts: found.counts,
  };
}

async function readRows(
  deps: { db: Database; baseUrl: string },
  batch: BatchOfRows,
  { from, limit }: BatchRowsQuery,
  filter: RowFilter,
): Promise<FoundRows> {
  const last = lastRowOf(batch);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const spanRows = filter.q === undefined ? rowsAtATime : promptsAtATime;
  const stopAt = Date.now() + enoughMs;
  const rows: RowOfBatch[] = [];
  for (let at = from; at <= last;) {
    const to = isFiltered ? Math.min(last, at + spanRows - 1) : last;
    const span = { from: at, to, limit: limit + 1 - rows.length };
    rows.push(...(await readSpan(deps, batch, span, filter)));
    at = to + 1;
    if (rows.length > limit) break;
    if (Date.now() > stopAt && at <= last) return { rows, goesOnAt: at };
  }
  return { rows, goesOnAt: null };
}

async function readSpan(
  { db, baseUrl }: { db: Database; baseUrl: string },
  batch: BatchOfRows,
  span: RowSpan,
  filter: RowFilter,
): Promise<RowOfBatch[]> {
  const [jobs, refused] = await Promise.all([
    jobsOfRows(db, batch.id, span, filter),
    refusedRows(db, batch.id, span, filter),
  ]);
  const images = Map.groupBy(
    await imagesOf(
      db,
      jobs.map(({ id }) => id),
    ),
    (image) => image.job_id,
  );
  // A row that became a job since the batch was read replaces the unread one.
  const byNumber = new Map([
    ...unreadRows(batch, span, filter).map((row) => [row.row, row] as const),
    ...refused.map((row) => [row.row_number, rowOfRefusal(row)] as const),
    ...jobs.map(
      (job) => [job.row_number, rowOfJob(job, images.get(job.id) ?? [], baseUrl)] as const,
    ),
  ]);
  return [...byNumber.values()].toSorted((one, other) => one.row - other.row).slice(0, span.limit);
}

/** The rows of the span that no worker has read. Nothing is known of them but their numbers. */
function unreadRows(
  batch: BatchOfRows,
  { from, to, limit }: RowSpan,
  { statuses, code, q }: RowFilter,
): RowOfBatch[] {
  const status = statusOfUnread(batch);
  if (code !== undefined || q !== undefined || statuses?.includes(status) === false) return [];
  const first = Math.max(from, batch.ingested_row + 1);
  const length = Math.max(0, Math.min(limit, to - first + 1));
  return Array.from({ length }, (_, index) => rowWithoutJob(first + index, status));
}

/** The counters know the matches of one filter; those of a search are not counted. */
function matchedOf(total: number, { status, codes }: RowCounts, filter: RowFilter): number | null {
  const { statuses, code, q } = filter;
  if (q !== undefined || (code !== undefined && statuses !== undefined)) return null;
  if (code !== undefined) {
    const isWhole = codes.length < maxCountedCodes;
    return codes.find((each) => each.code === code)?.count ?? (isWhole ? 0 : null);
  }
  if (statuses === undefined) return total;
  return statuses.reduce((sum, each) => sum + status[each], 0);
}

/**
 * The rows of a file that was refused, or was not read yet. Only the first problems are recorded,
 * in the errors of the batch; rows without a problem are not.
 */
function listRefusal(
  batch: BatchOfRows,
  { from, limit }: BatchRowsQuery,
  { statuses, code, q }: RowFilter,
): FoundRows & { counts: RowCounts; total: null; lastRow: number | null; matched: number } {
  const refused = groupByRow(batch.errors?.data ?? []);
  const isWanted = q === undefined && (statuses?.includes('invalid') ?? true);
  const matching = isWanted
    ? refused.filter(({ problems }) => code === undefined || problems[0]?.code === code)
    : [];
  const after = matching.filter(({ row_number: row }) => row >= from);
  const codes = Map.groupBy(refused, ({ problems }) => problems[0]?.code ?? '');
  const none = { waiting: 0, queued: 0, in_progress: 0, held: 0, succeeded: 0 };
  return {
    rows: after.slice(0, limit + 1).map(rowOfRefusal),
    goesOnAt: null,
    total: null,
    lastRow: null,
    matched: matching.length,
    counts: {
      status: { ...none, failed: 0, cancelled: 0, expired: 0, invalid: refused.length },
      codes: [...codes]
        .map(([each, rows]) => ({ code: each, count: rows.length }))
        .toSorted((one, other) => other.count - one.count),
    },
  };
}

function groupByRow(problems: readonly RowProblem[]): InvalidRow[] {
  const ofRows = problems.filter(({ line }) => line !== null);
  return [...Map.groupBy(ofRows, ({ line }) => line ?? 0)]
    .map(([row, found]) => ({ row_number: row, custom_id: null, problems: found }))
    .toSorted((one, other) => one.row_number - other.row_number);
}
