/** Turns rows into the objects of the API. */
import { hasThumbnail } from '../../models/picture-rules.ts';
import { toUsd } from '../../domain/money.ts';
import { toSeconds, toSecondsOrNull } from '../../domain/unix-seconds.ts';
import type { AttemptRow } from '../../records/jobs/attempts.ts';
import type { JobRow, ShownImageRow } from '../../records/jobs/jobs.ts';
import { flattenJson } from '../../bounded-json.ts';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { Attempt, Job, JobImage } from '../../schemas/job.ts';

export interface JobContext {
  images: readonly ShownImageRow[];
  /** URL of the API without a trailing slash; image URLs start with it. */
  baseUrl: string;
  queue: Job['queue'];
}

export function toJob(row: JobRow, { images, baseUrl, queue }: JobContext): Job {
  return {
    id: row.id,
    object: 'image.job',
    status: row.status,
    created_at: toSeconds(row.created_at),
    started_at: toSecondsOrNull(row.started_at),
    finished_at: toSecondsOrNull(row.finished_at),
    cancel_requested_at: toSecondsOrNull(row.cancel_requested_at),
    endpoint: row.endpoint,
    model: row.model,
    deployment: row.deployment,
    priority: row.priority === 0 ? 'interactive' : 'bulk',
    request: shownRequest(row.request),
    warnings: row.warnings,
    images: images.map((image) => toImage(image, baseUrl)),
    results_deleted_at: toSecondsOrNull(row.results_deleted_at),
    usage: row.usage as Job['usage'],
    svg_usage: row.svg_usage as Job['svg_usage'],
    chosen: row.chosen,
    cost: toCost(row),
    attempts: { made: row.attempts_made, max: row.max_attempts },
    error: row.error,
    queue,
    batch_id: row.batch_id,
    custom_id: row.custom_id,
    derived_from: row.derived_from,
    reused_from: row.reused_from,
    metadata: row.metadata,
    webhook_url: row.webhook?.url ?? null,
    webhook_events: row.webhook?.events ?? null,
  };
}

/** @param baseUrl the URL of the API without a trailing slash */
export function toImage({ composite, ...image }: ShownImageRow, baseUrl: string): JobImage {
  const url = `${baseUrl}/v1/jobs/${image.job_id}/images/${image.index}`;
  return {
    index: image.index,
    url,
    thumbnail_url: hasThumbnail(image.format) ? `${url}?thumbnail` : null,
    format: image.format,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    sha256: image.sha256,
    thumbhash: image.thumbhash,
    composite:
      composite?.status === 'made'
        ? {
            url: `${url}/composite`,
            format: 'png',
            width: composite.width,
            height: composite.height,
            bytes: composite.bytes,
            sha256: composite.sha256,
          }
        : null,
    rating: image.rating,
    starred: image.starred,
    trashed_at: toSecondsOrNull(image.trashed_at),
    provenance: { c2pa: image.c2pa },
    composite_skipped:
      composite?.status === 'skipped' ? { code: composite.code, message: composite.message } : null,
  };
}

export function toCost(
  row: Pick<
    JobRow,
    'cost_estimated_micros' | 'cost_basis' | 'cost_actual_micros' | 'cost_at_risk_micros'
  >,
): Job['cost'] {
  return {
    currency: 'usd',
    estimated: toUsd(row.cost_estimated_micros),
    estimate_basis: row.cost_basis,
    actual: toUsd(row.cost_actual_micros),
    at_risk: toUsd(row.cost_at_risk_micros),
  };
}

/** An earlier release accepted `provider_options` of any depth. */
export function shownRequest(request: StoredJobRequest): StoredJobRequest {
  const { provider_options: options } = request;
  if (options === undefined) return request;
  return { ...request, provider_options: flattenJson(options) as Record<string, unknown> };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    object: 'image.job.attempt',
    id: `${row.job_id}-${row.no}`,
    job_id: row.job_id,
    number: row.no,
    status: row.status,
    deployment: row.deployment,
    pool: row.pool,
    started_at: toSeconds(row.started_at),
    finished_at: toSecondsOrNull(row.finished_at),
    http_status: row.http_status,
    provider_request_id: row.provider_request_id,
    usage: row.usage as Attempt['usage'],
    svg_usage: row.svg_usage as Attempt['svg_usage'],
    cost: {
      currency: 'usd',
      actual: toUsd(row.cost_micros),
      at_risk: toUsd(row.at_risk_micros),
    },
    error: row.error,
  };
}
