/**
 * Writes the lines of the error file of a batch, in the format of OpenAI's Batch API. A row that
 * was refused or that failed has its error in the body of a response, as a single request would
 * have been answered. `error` of a line is only for rows that were never requests, because the
 * batch expired or was cancelled before.
 */
import { errorCatalogue } from '../../../errors.ts';
import { findDeployment, type Deployment } from '../../../models/deployment.ts';
import { invalidByRow, type InvalidRow } from '../../../records/batches/batch-jobs.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { JobRow } from '../../../records/jobs/jobs.ts';
import { codeOfPolicyRefusal } from '../../image-requests/outcome-error.ts';
import { describeDeletion } from '../../require-job.ts';
import { readJobs } from './output-lines.ts';
import { eachByRow } from './pages-by-row.ts';

interface ErrorLineDeps {
  db: Database;
  config: { deployments: readonly Deployment[] };
}

/** Yields a line for each row without a result, in the order of the rows. */
export async function* errorLines(
  { db, config }: ErrorLineDeps,
  batch: BatchRow,
  unread: AsyncIterable<{ row: number; customId: string | null }>,
): AsyncGenerator<Buffer> {
  const invalid = eachByRow((after, limit) => invalidByRow(db, batch.id, after, limit));
  let next = await invalid.next();
  async function* invalidRowLines(upTo: number): AsyncGenerator<Buffer> {
    for (; next.done !== true && next.value.row_number < upTo; next = await invalid.next()) {
      const { row_number: row, custom_id: customId } = next.value;
      yield toLine(idOfRow(batch, row), customId, row, refuseInvalid(batch, next.value));
    }
  }
  for await (const { job } of readJobs(db, batch.id)) {
    const row = job.row_number ?? 0;
    yield* invalidRowLines(row);
    const outcome = outcomeOf(job, config.deployments);
    if (outcome !== null) yield toLine(`batch_req_${job.id.slice(4)}`, job.custom_id, row, outcome);
  }
  yield* invalidRowLines(Number.POSITIVE_INFINITY);
  for await (const { row, customId } of unread)
    yield toLine(idOfRow(batch, row), customId, row, { response: null, error: cancelled });
}

interface NotRequested {
  code: string;
  message: string;
}

const cancelled: NotRequested = {
  code: 'batch_cancelled',
  message: 'The batch was cancelled before this request was executed.',
};
const expired: NotRequested = {
  code: 'batch_expired',
  message: 'This request could not be executed before the deadline of the batch.',
};

/** Why a job has no result; null if it succeeded and was not deleted, or has not ended. */
export function errorOf(
  job: Pick<JobRow, 'id' | 'status' | 'error' | 'deleted_at'>,
): NotRequested | null {
  if (job.deleted_at !== null)
    return { code: 'job_deleted', message: describeDeletion(job.id, job.deleted_at) };
  switch (job.status) {
    case 'failed':
      return job.error ?? { code: 'failed', message: 'The request failed.' };
    case 'expired':
      return expired;
    case 'cancelled':
      return cancelled;
    default:
      return null;
  }
}

/** The two members of a line, of which one is null. */
type Outcome =
  | { response: { status_code: number; request_id: string; body: object }; error: null }
  | { response: null; error: NotRequested };

function refuseInvalid({ request_id: requestId }: BatchRow, { problems }: InvalidRow): Outcome {
  const [first] = problems;
  return refuse(400, requestId, {
    message: problems.map(({ message }) => message).join('; '),
    type: 'invalid_request_error',
    // The body of a line is the request.
    param: first?.param?.replace(/^body\./, '') ?? null,
    code: first?.code ?? 'invalid_value',
  });
}

function outcomeOf(job: JobRow, deployments: readonly Deployment[]): Outcome | null {
  const error = errorOf(job);
  if (error === null) return null;
  const { code, message } = error;
  if (job.status === 'expired' || job.status === 'cancelled') return { response: null, error };
  if (job.deleted_at !== null)
    return refuse(404, job.request_id, {
      message,
      type: 'invalid_request_error',
      param: null,
      code,
    });
  const param = job.error?.param ?? null;
  if (code === 'content_policy') {
    const provider = job.deployment === null ? null : findDeployment(deployments, job.deployment);
    const known = codeOfPolicyRefusal(provider?.provider ?? null);
    const { status, type } = errorCatalogue[known];
    return refuse(status, job.request_id, { message, type, param, code: known });
  }
  const isRefused = refusals.has(code);
  const type = isRefused ? 'invalid_request_error' : 'server_error';
  return refuse(isRefused ? 400 : 500, job.request_id, { message, type, param, code });
}

/** Faults that lie in the request; after any other, the same request may succeed. */
const refusals: ReadonlySet<string> = new Set([
  'provider_rejected_parameters',
  'provider_rejected_size',
  'provider_refused',
  'source_missing',
]);

interface ResponseError {
  message: string;
  type: string;
  param: string | null;
  code: string;
}

function refuse(status: number, requestId: string, error: ResponseError): Outcome {
  return {
    response: { status_code: status, request_id: requestId, body: { error } },
    error: null,
  };
}

function idOfRow(batch: BatchRow, row: number): string {
  return `batch_req_${batch.id.slice('batch_'.length)}_${row}`;
}

function toLine(id: string, customId: string | null, row: number, outcome: Outcome): Buffer {
  const line = { id, custom_id: customId ?? `row-${row}`, ...outcome };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}
