/**
 * The HTTP client of Kiln, typed by its OpenAPI document: `client.GET('/v1/jobs/{id}', …)`. The
 * types in `openapi.ts` are generated (`npm run client`). Nothing here retries: a caller knows
 * better what may be sent again.
 */
import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from './openapi.ts';

export type KilnClient = Client<paths>;

export interface ClientOptions {
  /** Address of the API: `http://127.0.0.1:8080`, also with the path of a proxy. */
  baseUrl: string;
  /** Sent with every request, such as `authorization`. */
  headers?: Readonly<Record<string, string>>;
  /** Called when an answer says that the caller is not, or no longer, known (401). */
  onUnauthorized?: () => void;
}

export function createClient({ baseUrl, headers, onUnauthorized }: ClientOptions): KilnClient {
  const client = createFetchClient<paths>({
    baseUrl: baseUrl.replace(/\/$/, ''),
    ...(headers === undefined ? {} : { headers }),
  });
  client.use({
    onResponse: ({ response }) => {
      if (response.status === 401) onUnauthorized?.();
    },
  });
  return client;
}

/** What the API answered instead of a result; its message is one for people. */
export class ApiError extends Error {
  readonly status: number;
  /** One of docs/errors.md; `unreadable` for an answer that is not Kiln's, such as a proxy's. */
  readonly code: string;
  /** The field that is wrong. */
  readonly param: string | null;
  readonly requestId: string | null;
  /** How long the API asks to wait. */
  readonly retryAfterMs: number | null;

  constructor(response: Response, body: unknown) {
    const error = readError(body);
    super(error?.message ?? `the server answered ${response.status} without an explanation`);
    this.name = 'ApiError';
    this.status = response.status;
    this.code = error?.code ?? 'unreadable';
    this.param = error?.param ?? null;
    this.requestId = response.headers.get('x-request-id');
    const wait = Number(response.headers.get('retry-after-ms') ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(wait) ? wait : null;
  }
}

interface ErrorBody {
  message?: string;
  code?: string | null;
  param?: string | null;
}

function readError(body: unknown): ErrorBody | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body;
  return typeof error === 'object' && error !== null ? error : null;
}

/**
 * Returns the body of an answer: `await answer(client.GET('/v1/pools'))`. Throws `ApiError`, and
 * what `fetch` throws when the API cannot be reached.
 */
export async function answer<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(response, error);
  return data as Exclude<Data, undefined>;
}
