/** Converts the record of a batch to the batch of the API. */
import type { BatchStatus } from '../../domain/batch-state.ts';
import { toUsd } from '../../domain/money.ts';
import { toSeconds, toSecondsOrNull } from '../../domain/unix-seconds.ts';
import type { BatchListRow } from '../../records/batches/batches.ts';
import type { Batch } from '../../schemas/batch.ts';
import type { BatchForecast } from './batch-forecast.ts';

export function toBatch(row: BatchListRow, forecast: BatchForecast): Batch {
  const finishedAt = (status: BatchStatus) =>
    row.status === status ? toSecondsOrNull(row.finished_at) : null;
  const failed = row.failed_count + row.expired_count + row.invalid_count;
  const ended = row.completed_count + failed;
  // Rows that had not been read when the batch was cancelled or failed count as cancelled, too.
  const cancelled =
    row.status === 'cancelled' || row.status === 'failed'
      ? Math.max(row.cancelled_count, (row.row_count ?? 0) - ended)
      : row.cancelled_count;
  return {
    id: row.id,
    object: 'batch',
    endpoint: row.endpoint,
    errors: row.errors === null ? null : { object: 'list', ...row.errors },
    input_file_id: row.input_file_id,
    completion_window: row.options.completion_window ?? '24h',
    status: row.status,
    output_file_id: row.output_file_id,
    error_file_id: row.error_file_id,
    created_at: toSeconds(row.created_at),
    in_progress_at: toSecondsOrNull(row.in_progress_at),
    expires_at: toSecondsOrNull(row.deadline_at),
    finalizing_at: toSecondsOrNull(row.finalizing_at),
    completed_at: finishedAt('completed'),
    failed_at: finishedAt('failed'),
    expired_at: finishedAt('expired'),
    cancelling_at: toSecondsOrNull(row.cancelling_at),
    cancelled_at: finishedAt('cancelled'),
    request_counts: {
      total: row.row_count ?? 0,
      completed: row.completed_count,
      failed,
      cancelled,
      in_queue: Math.max(0, (row.row_count ?? 0) - row.completed_count - failed - cancelled),
    },
    metadata: row.metadata,
    usage: {
      input_tokens: row.input_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: row.output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: row.input_tokens + row.output_tokens,
    },
    paused_at: toSecondsOrNull(row.paused_at),
    name: row.name,
    priority: row.options.priority ?? 'bulk',
    runs_next: row.run_next_tag !== null,
    on_invalid_rows: row.options.on_invalid_rows ?? 'fail',
    as_drafts: row.options.as_drafts === true,
    dedupe: row.options.dedupe ?? 'off',
    // Readings of earlier releases have no notes.
    reading: row.reading === null ? null : { notes: [], ...row.reading },
    cost: {
      currency: 'usd',
      estimated: toUsd(row.cost_estimated_micros),
      estimate_basis: row.cost_basis,
      actual: toUsd(row.cost_actual_micros),
      at_risk: toUsd(row.cost_at_risk_micros),
    },
    webhook_url: row.options.webhook_url ?? null,
    webhook_events: row.options.webhook_events ?? null,
    ...forecast,
  };
}
