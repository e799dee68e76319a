/**
 * The columns of jobs that answers and lists read. `provider_options` may be large, and an earlier
 * release accepted any size, so only a worker that makes the call reads all of them.
 */
import { sql, type RawBuilder } from 'kysely';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { Schema } from './schema.ts';

type PlainColumn = Exclude<keyof Schema['kiln.jobs'], 'request'>;

/** A record, so that the compiler finds a column that is missing. */
const plain: Record<PlainColumn, true> = {
  id: true,
  project_id: true,
  batch_id: true,
  row_number: true,
  custom_id: true,
  filename: true,
  response_format: true,
  status: true,
  endpoint: true,
  model: true,
  route: true,
  deployment: true,
  pool: true,
  source_file_ids: true,
  metadata: true,
  warnings: true,
  n: true,
  tokens_estimated: true,
  priority: true,
  fair_tag: true,
  available_at: true,
  parked: true,
  dispatched_at: true,
  dispatch_no: true,
  lease_owner: true,
  lease_expires_at: true,
  lacks: true,
  attempts_made: true,
  retried_after_no: true,
  crashes: true,
  failed_runs: true,
  max_attempts: true,
  cancel_requested_at: true,
  cancel_forced: true,
  request_id: true,
  webhook: true,
  usage: true,
  svg_usage: true,
  chosen: true,
  cost_estimated_micros: true,
  cost_basis: true,
  cost_actual_micros: true,
  cost_at_risk_micros: true,
  error: true,
  created_at: true,
  started_at: true,
  finished_at: true,
  expires_at: true,
  results_deleted_at: true,
  deleted_at: true,
  derived_from: true,
  reused_from: true,
  request_key: true,
  dedupe: true,
};

const plainColumns = Object.keys(plain) as PlainColumn[];

/** Every column, with this expression as the request. */
function columnsWith(request: RawBuilder<StoredJobRequest>) {
  return [...plainColumns, request.as('request')] as const;
}

/**
 * Twice what is accepted now, because the text of a jsonb value has spaces. Only requests that an
 * earlier release accepted are larger.
 */
const optionsInAnswer = 131_072;
/** Enough for the options of most requests, and little for a page of 500 rows. */
const optionsInManifest = 1_024;

const withoutOptions = sql<StoredJobRequest>`request - 'provider_options'`;

function withOptionsUpTo(bytes: number): RawBuilder<StoredJobRequest> {
  return sql<StoredJobRequest>`case
    when octet_length((request -> 'provider_options')::text) > ${sql.lit(bytes)}
    then request - 'provider_options' else request end`;
}

/** Lists have no `provider_options`. */
export const listColumns = columnsWith(withoutOptions);
/** The answer about one job has those that are accepted now. */
export const answerColumns = columnsWith(withOptionsUpTo(optionsInAnswer));
/** The files of a batch's results have small ones. */
export const manifestColumns = columnsWith(withOptionsUpTo(optionsInManifest));
