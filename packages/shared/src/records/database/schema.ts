/**
 * The tables of `migrations/` as Kysely sees them. Timestamps come back as Date, bigint as number
 * (see `open-records.ts`).
 */
import type { Generated, JSONColumnType } from 'kysely';
import type { AttemptStatus } from '../../domain/attempt-state.ts';
import type { BatchChange, BatchStatus } from '../../domain/batch-state.ts';
import type { DeliveryStatus } from '../../domain/delivery-state.ts';
import type { FilePurpose } from '../../domain/file-rules.ts';
import type { Meter } from '../../models/cost/learnt-tokens.ts';
import type { JobStatus } from '../../domain/job-state.ts';
import type {
  BatchErrors,
  BatchReading,
  RowProblem,
  StoredBatchOptions,
} from '../../schemas/batch.ts';
import type { EventData, EventType } from '../../schemas/event.ts';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { Chosen, JobError, JobWarning } from '../../schemas/job.ts';
import type { Picture } from '../../schemas/picture.ts';
import type { StoredWebhook } from '../../schemas/webhook.ts';
import type {
  AlbumImageTable,
  AlbumTable,
  BulkActionTable,
  ImageTable,
  SelectionTable,
} from './gallery-tables.ts';
import type {
  AnswerShapeTable,
  PausedDeploymentTable,
  PausedModelTable,
  PoolTable,
  RefusalTable,
} from './pool-tables.ts';

type Json<T extends object | null> = JSONColumnType<T>;

interface FileTable {
  id: string;
  project_id: string;
  purpose: FilePurpose;
  filename: string;
  content_type: string;
  bytes: number;
  sha256: string;
  object_key: string;
  created_at: Generated<Date>;
  /** The time that the uploader asked for. Null: the file does not expire by itself. */
  expires_at: Date | null;
  /** What Kiln found when it read the picture. */
  picture: Json<Picture | null>;
  /** The row stays for the batches that name the file; the API no longer shows it. */
  deleted_at: Date | null;
}

interface BatchTable {
  id: string;
  project_id: string;
  status: Generated<BatchStatus>;
  endpoint: string;
  input_file_id: string;
  output_file_id: Generated<string | null>;
  error_file_id: Generated<string | null>;
  options: Json<StoredBatchOptions>;
  metadata: Json<Record<string, string>>;
  /** The first problems of the file. */
  errors: Json<BatchErrors | null>;
  /** Pictures that were uploaded with the batch: file ids by name. */
  source_files: Json<Record<string, string> | null>;
  row_count: Generated<number | null>;
  total_count: Generated<number>;
  completed_count: Generated<number>;
  failed_count: Generated<number>;
  invalid_count: Generated<number>;
  cancelled_count: Generated<number>;
  expired_count: Generated<number>;
  last_row: Generated<number | null>;
  /** The last row of the file, also when the batch was cancelled before it was read. */
  file_last_row: Generated<number | null>;
  ingested_row: Generated<number>;
  reading: Json<BatchReading | null>;
  moving: Generated<'park' | 'unpark' | null>;
  name: string | null;
  /** The tags of its waiting jobs begin here while it runs next (`jobs/fair-tags.ts`). */
  run_next_tag: Generated<number | null>;
  /** What its waiting jobs do not have yet, and the last row that has it. */
  changes: Generated<BatchChange[]>;
  changed_row: Generated<number>;
  change_no: Generated<number>;
  retrying_since: Generated<Date | null>;
  lease_expires_at: Generated<Date | null>;
  lease_no: Generated<number>;
  /** Runs of the present step that an error stopped, and workers that were lost during it. */
  failed_runs: Generated<number>;
  lost_workers: Generated<number>;
  retry_at: Date | null;
  /** It is being cancelled because Kiln gave it up, and ends as failed. */
  given_up: Generated<boolean>;
  cost_estimated_micros: Generated<number>;
  /** What the estimates of its jobs rest on. */
  cost_basis: string | null;
  cost_actual_micros: Generated<number>;
  cost_at_risk_micros: Generated<number>;
  input_tokens: Generated<number>;
  output_tokens: Generated<number>;
  request_id: string;
  paused_at: Generated<Date | null>;
  deadline_at: Date | null;
  created_at: Generated<Date>;
  in_progress_at: Generated<Date | null>;
  finalizing_at: Generated<Date | null>;
  cancelling_at: Generated<Date | null>;
  finished_at: Generated<Date | null>;
}

interface InvalidRowTable {
  batch_id: string;
  row_number: number;
  custom_id: string | null;
  problems: Json<RowProblem[]>;
}

interface JobTable {
  id: string;
  project_id: string;
  batch_id: string | null;
  row_number: number | null;
  custom_id: string | null;
  /** The name of the job's picture in the batch's archive. */
  filename: string | null;
  /** How the batch's output file holds the pictures. Null: the way that the batch says. */
  response_format: 'url' | 'b64_json' | null;
  status: Generated<JobStatus>;
  endpoint: string;
  model: string;
  /** The route in which the job waits (models/routes.ts). */
  route: string;
  /** The deployment of the last call, or the only one of the route. */
  deployment: string | null;
  /** The pool of the last dispatch. */
  pool: string | null;
  request: Json<StoredJobRequest>;
  /** Files that the job sends to the provider. Null for a generation. */
  source_file_ids: string[] | null;
  metadata: Json<Record<string, string>>;
  warnings: Json<JobWarning[]>;
  /** How many images the job asks for. */
  n: Generated<number>;
  /** An upper estimate of the tokens of its call. */
  tokens_estimated: number | null;
  priority: number;
  fair_tag: Generated<number>;
  available_at: Generated<Date>;
  /** The job's batch is paused. */
  parked: Generated<boolean>;
  dispatched_at: Date | null;
  dispatch_no: Generated<number>;
  lease_owner: string | null;
  lease_expires_at: Date | null;
  /** What the job lacked when a worker returned it. */
  lacks: Generated<'store_away' | 'spool_full' | null>;
  attempts_made: Generated<number>;
  retried_after_no: Generated<number>;
  crashes: Generated<number>;
  failed_runs: Generated<number>;
  max_attempts: number;
  cancel_requested_at: Date | null;
  cancel_forced: Generated<boolean>;
  request_id: string;
  /** The webhook that the job itself asks for. A batch has its own in its options. */
  webhook: Json<StoredWebhook | null>;
  usage: Json<object | null>;
  /** The second meter of an SVG document. */
  svg_usage: Json<object | null>;
  /** What the provider chose for fields that the request left open. */
  chosen: Json<Chosen | null>;
  cost_estimated_micros: number | null;
  /** What the estimate rests on. Null: there is none, or an earlier release made it. */
  cost_basis: string | null;
  cost_actual_micros: number | null;
  cost_at_risk_micros: Generated<number>;
  error: Json<JobError | null>;
  created_at: Generated<Date>;
  started_at: Date | null;
  finished_at: Date | null;
  /** A job that still waits at this time expires. Null: the job never expires. */
  expires_at: Date | null;
  /** When the images of a succeeded job were deleted. */
  results_deleted_at: Date | null;
  /** When a caller deleted the job. Its row stays for the ledger and for its batch. */
  deleted_at: Date | null;
  /** The image that the job finishes, `job_…/0`. */
  derived_from: string | null;
  /** The job whose images this one shows. */
  reused_from: string | null;
  /** Equal requests have equal keys. Null: an earlier release wrote the job. */
  request_key: string | null;
  /** What happens when the same was made before. Null: nothing. */
  dedupe: 'offer' | 'reuse' | null;
}

interface AttemptTable {
  job_id: string;
  no: number;
  project_id: string;
  deployment: string;
  pool: string;
  status: Generated<AttemptStatus>;
  worker: string;
  http_status: number | null;
  provider_request_id: string | null;
  error: Json<JobError | null>;
  usage: Json<object | null>;
  svg_usage: Json<object | null>;
  cost_micros: number | null;
  at_risk_micros: Generated<number>;
  /** The pictures in the answer. Null: it had none, or an earlier release recorded it. */
  images: Generated<number | null>;
  started_at: Generated<Date>;
  finished_at: Date | null;
}

interface EventTable {
  /** The order in which events were written, which is not the order of the commits. */
  seq: Generated<number>;
  /**
   * The order in which events can be read. Null until the event gets its position
   * (records/events/event-log.ts).
   */
  position: Generated<number | null>;
  id: Generated<string>;
  project_id: string;
  type: EventType;
  job_id: string | null;
  batch_id: string | null;
  data: Json<EventData>;
  created_at: Generated<Date>;
}

interface NewestPositionTable {
  position: number;
}

interface IdempotencyKeyTable {
  project_id: string;
  key: string;
  request_hash: string;
  response_status: number;
  response_body: Json<object>;
  created_at: Generated<Date>;
}

interface LearntTokensTable {
  provider: string;
  model: string;
  meter: Meter;
  variant: string;
  mean: number;
  calls: number;
}

/** The secret signs until this time, in ISO 8601. */
export interface PreviousSecret {
  secret: string;
  until: string;
}

interface WebhookEndpointTable {
  id: string;
  project_id: string;
  url: string;
  events: string[];
  description: string | null;
  status: Generated<'enabled' | 'disabled'>;
  enabled_at: Generated<Date>;
  disabled_at: Date | null;
  disabled_reason: 'requested' | 'gone' | 'failing' | null;
  secret: string | null;
  previous_secrets: Json<PreviousSecret[]>;
  created_at: Generated<Date>;
  /** The row stays for its deliveries. */
  deleted_at: Date | null;
}

interface WebhookSecretTable {
  project_id: string;
  secret: string;
  previous_secrets: Json<PreviousSecret[]>;
  created_at: Generated<Date>;
  rotated_at: Date | null;
}

interface DeliveryTable {
  id: Generated<string>;
  project_id: string;
  endpoint_id: string | null;
  /** The URL of a request's own webhook. An endpoint's URL is in its row. */
  url: string | null;
  receiver: string;
  event_id: string;
  event_type: string;
  event_created_at: Date;
  event_data: Json<EventData>;
  job_id: string | null;
  batch_id: string | null;
  request_id: string;
  status: Generated<DeliveryStatus>;
  failure:
    | 'exhausted'
    | 'gone'
    | 'endpoint_disabled'
    | 'endpoint_deleted'
    | 'secret_missing'
    | null;
  tries_made: Generated<number>;
  tries_of_run: Generated<number>;
  next_try_at: Generated<Date | null>;
  dispatch_no: Generated<number>;
  lease_expires_at: Date | null;
  sending_since: Date | null;
  created_at: Generated<Date>;
  finished_at: Date | null;
}

interface DeliveryTryTable {
  delivery_id: string;
  no: number;
  started_at: Date;
  duration_ms: number;
  http_status: number | null;
  error: string | null;
  answer: string | null;
}

interface WebhookReceiverTable {
  receiver: string;
  failing_since: Date | null;
  /** Duration of the last successful delivery; null before the first one. */
  answer_ms: number | null;
  updated_at: Generated<Date>;
}

interface BatchPictureTable {
  file_id: string;
  batch_id: string;
}

interface MaintenanceCursorTable {
  task: string;
  position: string;
  updated_at: Generated<Date>;
}

export interface Schema {
  'kiln.pools': PoolTable;
  'kiln.paused_deployments': PausedDeploymentTable;
  'kiln.paused_models': PausedModelTable;
  'kiln.refusals': RefusalTable;
  'kiln.answer_shapes': AnswerShapeTable;
  'kiln.files': FileTable;
  'kiln.batches': BatchTable;
  'kiln.batch_pictures': BatchPictureTable;
  'kiln.invalid_rows': InvalidRowTable;
  'kiln.jobs': JobTable;
  'kiln.images': ImageTable;
  'kiln.albums': AlbumTable;
  'kiln.album_images': AlbumImageTable;
  'kiln.selections': SelectionTable;
  'kiln.bulk_actions': BulkActionTable;
  'kiln.attempts': AttemptTable;
  'kiln.events': EventTable;
  'kiln.newest_position': NewestPositionTable;
  'kiln.idempotency_keys': IdempotencyKeyTable;
  'kiln.learnt_tokens': LearntTokensTable;
  'kiln.webhook_endpoints': WebhookEndpointTable;
  'kiln.webhook_secrets': WebhookSecretTable;
  'kiln.webhook_receivers': WebhookReceiverTable;
  'kiln.deliveries': DeliveryTable;
  'kiln.delivery_tries': DeliveryTryTable;
  'kiln.maintenance_cursors': MaintenanceCursorTable;
}
