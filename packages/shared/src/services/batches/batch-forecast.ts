/**
 * When a batch should be done, and at which pace its rows get their pictures.
 *
 * Two estimates are made: from the place of its last row in the queue at the pace of the quota, and
 * from the pace of the last minutes. The answer is the range between them, widened by how long a
 * call takes. While they agree the range is narrow; refusals, slow answers or other batches make it
 * wider. Only batches that run have a forecast.
 */
import { findLastModel, lastWaiting } from '../../records/batches/batch-jobs.ts';
import type { BatchListRow } from '../../records/batches/batches.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Batch } from '../../schemas/batch.ts';
import type { BatchDeps } from './batch-deps.ts';

export type BatchForecast = Pick<Batch, 'eta_seconds' | 'finishes_at' | 'rows_per_minute'>;

export const noForecast: BatchForecast = {
  eta_seconds: null,
  finishes_at: null,
  rows_per_minute: null,
};

/** Fewer rows say little about the next ones. */
const enoughRows = 5;

/** The forecasts of the batches that run, by their ids. */
export async function forecastBatches(
  deps: BatchDeps,
  rows: readonly BatchListRow[],
): Promise<Map<string, BatchForecast>> {
  const running = rows.filter((row) => row.status === 'in_progress' && row.paused_at === null);
  const last = await Promise.all(running.map(({ id }) => lastWaiting(deps.db, id)));
  const queued = last.filter((job) => job !== undefined && !job.parked) as JobRow[];
  const places = await (queued.length === 0
    ? new Map<string, never>()
    : deps.backlog.queuePositionsOf(queued));
  const forecasts = await Promise.all(
    running.map(async (row, index) => {
      const job = last[index];
      const place = job === undefined ? undefined : places.get(job.id);
      return [row.id, await forecast(deps, row, job, place)] as const;
    }),
  );
  return new Map(forecasts);
}

type Place = { starts_in_seconds: number | null; eta_seconds: number | null };

async function forecast(
  { db, callSpans, recentPaces }: BatchDeps,
  row: BatchListRow,
  job: JobRow | undefined,
  place: Place | undefined,
): Promise<BatchForecast> {
  const pace = await recentPaces(row.id);
  const perSecond = pace.rows < enoughRows ? null : (pace.rows - 1) / Math.max(1, pace.seconds);
  const rowsPerMinute = perSecond === null ? null : Math.round(perSecond * 600) / 10;
  // Without a waiting job the last calls are under way. A waiting job without a place is parked, or
  // its pool is paused: nothing is known until it goes on.
  const startsInSeconds = job === undefined ? 0 : (place?.starts_in_seconds ?? null);
  const etaSeconds = place?.eta_seconds ?? null;
  if (startsInSeconds === null)
    return { eta_seconds: etaSeconds, finishes_at: null, rows_per_minute: rowsPerMinute };
  const model = job?.model ?? (await findLastModel(db, row.id)) ?? '';
  const span = await callSpans.of(row.project_id, model);
  const byPace = perSecond === null || perSecond === 0 ? [] : [remainingOf(row) / perSecond];
  const byQuota = (callMs: number): number => startsInSeconds + callMs / 1_000;
  const fast = job === undefined ? 0 : span.fastMs;
  const now = Date.now() / 1_000;
  return {
    eta_seconds: etaSeconds,
    finishes_at: {
      earliest: Math.floor(now + Math.min(byQuota(fast), ...byPace)),
      latest: Math.ceil(now + Math.max(byQuota(span.slowMs), ...byPace)),
    },
    rows_per_minute: rowsPerMinute,
  };
}

function remainingOf(row: BatchListRow): number {
  const { completed_count: completed, failed_count: failed, invalid_count: invalid } = row;
  const ended = completed + failed + invalid + row.cancelled_count + row.expired_count;
  return Math.max(0, (row.row_count ?? 0) - ended);
}
