/**
 * `KilnError`, the only error type that reaches clients, and the catalogue of its codes, from which
 * the API makes HTTP responses. What goes wrong at the provider has its own list,
 * `provider/faults/fault-codes.ts`. `docs/errors.md` explains every code; a test compares the two.
 */

interface ErrorKind {
  /** HTTP status of an answer that carries the code. */
  status: number;
  /** OpenAI's broad error type, which its SDK and its users know. */
  type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'rate_limit_error'
    | 'image_generation_user_error'
    | 'server_error';
  /** Whether the same request may succeed later; `false` is sent as `x-should-retry: false`. */
  retry: boolean;
}

export const errorCatalogue = {
  max_cost_exceeded: { status: 400, type: 'invalid_request_error', retry: false },
  invalid_json: { status: 400, type: 'invalid_request_error', retry: false },
  invalid_request: { status: 400, type: 'invalid_request_error', retry: false },
  unknown_parameter: { status: 400, type: 'invalid_request_error', retry: false },
  unsupported_parameter: { status: 400, type: 'invalid_request_error', retry: false },
  moderation_blocked: { status: 400, type: 'image_generation_user_error', retry: false },
  content_policy_violation: { status: 400, type: 'image_generation_user_error', retry: false },
  provider_rejected_parameters: { status: 400, type: 'invalid_request_error', retry: false },
  provider_rejected_size: { status: 400, type: 'invalid_request_error', retry: false },
  image_format_unsupported: { status: 400, type: 'invalid_request_error', retry: false },
  image_animated: { status: 400, type: 'invalid_request_error', retry: false },
  image_damaged: { status: 400, type: 'invalid_request_error', retry: false },
  image_too_large: { status: 400, type: 'invalid_request_error', retry: false },
  image_with_foreign_data: { status: 400, type: 'invalid_request_error', retry: false },
  image_metadata_too_large: { status: 400, type: 'invalid_request_error', retry: false },
  image_check_failed: { status: 400, type: 'invalid_request_error', retry: false },
  mask_format_unsupported: { status: 400, type: 'invalid_request_error', retry: false },
  mask_too_large: { status: 400, type: 'invalid_request_error', retry: false },
  mask_without_alpha: { status: 400, type: 'invalid_request_error', retry: false },
  mask_opaque: { status: 400, type: 'invalid_request_error', retry: false },
  mask_size_mismatch: { status: 400, type: 'invalid_request_error', retry: false },
  webhook_url_refused: { status: 400, type: 'invalid_request_error', retry: false },
  webhook_secret_missing: { status: 400, type: 'invalid_request_error', retry: false },
  missing_api_key: { status: 401, type: 'authentication_error', retry: false },
  invalid_api_key: { status: 401, type: 'authentication_error', retry: false },
  invalid_session: { status: 401, type: 'authentication_error', retry: false },
  invalid_stream_token: { status: 401, type: 'authentication_error', retry: false },
  cross_site: { status: 403, type: 'invalid_request_error', retry: false },
  route_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  DeploymentNotFound: { status: 404, type: 'invalid_request_error', retry: false },
  model_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  job_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  batch_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  pool_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  image_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  thumbnail_unavailable: { status: 404, type: 'invalid_request_error', retry: false },
  composite_unavailable: { status: 404, type: 'invalid_request_error', retry: false },
  composite_pending: { status: 404, type: 'invalid_request_error', retry: true },
  not_jsonl: { status: 404, type: 'invalid_request_error', retry: false },
  not_csv: { status: 404, type: 'invalid_request_error', retry: false },
  file_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  webhook_endpoint_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  webhook_secret_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  delivery_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  bulk_action_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  album_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  selection_not_found: { status: 404, type: 'invalid_request_error', retry: false },
  request_timeout: { status: 408, type: 'invalid_request_error', retry: true },
  idempotency_in_flight: { status: 409, type: 'invalid_request_error', retry: true },
  job_not_held: { status: 409, type: 'invalid_request_error', retry: false },
  job_not_retryable: { status: 409, type: 'invalid_request_error', retry: false },
  job_not_deletable: { status: 409, type: 'invalid_request_error', retry: false },
  job_not_waiting: { status: 409, type: 'invalid_request_error', retry: false },
  job_not_cancellable: { status: 409, type: 'invalid_request_error', retry: false },
  batch_not_cancellable: { status: 409, type: 'invalid_request_error', retry: false },
  batch_not_waiting: { status: 409, type: 'invalid_request_error', retry: false },
  batch_not_pausable: { status: 409, type: 'invalid_request_error', retry: false },
  batch_not_retryable: { status: 409, type: 'invalid_request_error', retry: false },
  file_in_use: { status: 409, type: 'invalid_request_error', retry: false },
  bulk_action_ended: { status: 409, type: 'invalid_request_error', retry: false },
  webhook_endpoint_disabled: { status: 409, type: 'invalid_request_error', retry: false },
  too_many_albums: { status: 409, type: 'invalid_request_error', retry: false },
  too_many_webhook_endpoints: { status: 409, type: 'invalid_request_error', retry: false },
  event_gone: { status: 410, type: 'invalid_request_error', retry: false },
  body_too_large: { status: 413, type: 'invalid_request_error', retry: false },
  file_too_large: { status: 413, type: 'invalid_request_error', retry: false },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retry: false },
  unsupported_content_encoding: { status: 415, type: 'invalid_request_error', retry: false },
  range_not_satisfiable: { status: 416, type: 'invalid_request_error', retry: false },
  expectation_failed: { status: 417, type: 'invalid_request_error', retry: false },
  host_not_allowed: { status: 421, type: 'invalid_request_error', retry: false },
  idempotency_key_reused: { status: 422, type: 'invalid_request_error', retry: false },
  result_pending: { status: 424, type: 'server_error', retry: false },
  result_unavailable: { status: 424, type: 'server_error', retry: false },
  job_failed: { status: 424, type: 'server_error', retry: false },
  job_held: { status: 424, type: 'server_error', retry: false },
  job_cancelled: { status: 424, type: 'invalid_request_error', retry: false },
  too_many_waiting: { status: 429, type: 'rate_limit_error', retry: true },
  too_many_streams: { status: 429, type: 'rate_limit_error', retry: true },
  too_many_sign_ins: { status: 429, type: 'rate_limit_error', retry: true },
  headers_too_large: { status: 431, type: 'invalid_request_error', retry: false },
  internal_error: { status: 500, type: 'server_error', retry: false },
  image_missing: { status: 500, type: 'server_error', retry: false },
  file_missing: { status: 500, type: 'server_error', retry: false },
  database_unavailable: { status: 503, type: 'server_error', retry: true },
  storage_unavailable: { status: 503, type: 'server_error', retry: true },
  imaging_busy: { status: 503, type: 'server_error', retry: true },
  downloads_busy: { status: 503, type: 'server_error', retry: true },
  searches_busy: { status: 503, type: 'server_error', retry: true },
  database_slow: { status: 503, type: 'server_error', retry: true },
  large_bodies_busy: { status: 503, type: 'server_error', retry: true },
  unzipping_busy: { status: 503, type: 'server_error', retry: true },
  validations_busy: { status: 503, type: 'server_error', retry: true },
  tables_busy: { status: 503, type: 'server_error', retry: true },
  archives_busy: { status: 503, type: 'server_error', retry: true },
  shutting_down: { status: 503, type: 'server_error', retry: true },
  query_timeout: { status: 504, type: 'server_error', retry: false },
  insufficient_storage: { status: 507, type: 'server_error', retry: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorDetails {
  /** The field, header or path parameter at fault. */
  param?: string;
  /** How long the client should wait, sent as `retry-after` and `retry-after-ms`. */
  retryAfterMs?: number;
  cause?: unknown;
}

/**
 * An error with a code of the catalogue. The message is for the client: it names the field, what
 * was received and what is allowed.
 */
export class KilnError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KilnError';
    this.code = code;
    this.param = details.param ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** The error body in OpenAI's form; every route uses it. */
export function errorBody({ code, message, param }: KilnError) {
  return { error: { message, type: errorCatalogue[code].type, param, code } };
}

/**
 * Wrong configuration: `problems` has one sentence for each wrong variable. The process prints them
 * and does not start.
 */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
    const list = problems.map((problem) => `  - ${problem}`).join('\n');
    super(`The configuration has ${count}:\n${list}`);
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}
