/** The environment variables that Kiln reads, each with its type, limits and default. */
import { z } from 'zod';
import { dedupeModes } from '../schemas/field-values.ts';
import { findUrlMistake } from './connection-url.ts';
import { openaiUrl } from './endpoint-address.ts';
import { parseRedisUrl, redisUrlForms } from './redis-url.ts';

/** Decimal digits only: neither `0x10` nor `1e3` is a number. */
const numberFrom = (schema: z.ZodNumber) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text),
    schema,
  );

export const wholeNumber = (min: number, max: number) =>
  numberFrom(z.number().int().min(min).max(max));

export const url = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `is not a URL that starts with ${protocols.join('// or ')}//`,
  });

/** A URL that may hold a password; `describe` returns what else is wrong with it. */
const connectionUrl = (describe: (value: string) => string | null) => {
  const find = (value: string) => findUrlMistake(value) ?? describe(value);
  return z.string().refine((value) => find(value) === null, {
    error: ({ input }) => find(String(input)) ?? '',
  });
};

function describePostgresUrl(value: string): string | null {
  if (!/^postgres(?:ql)?:\/\//i.test(value))
    return 'is not a URL that starts with postgres:// or postgresql://';
  return URL.canParse(value)
    ? null
    : 'is not a URL of the form postgres://user:password@host:5432/database';
}

function describeRedisUrl(value: string): string | null {
  if (parseRedisUrl(value) !== null) return null;
  return /^rediss?-/.test(value)
    ? `has none of the forms ${redisUrlForms}`
    : 'is not a URL that starts with redis:// or rediss://';
}

/** A test compares these variables with `docs/configuration.md`, which explains each of them. */
export const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: connectionUrl(describePostgresUrl),
  DATABASE_PASSWORD: z.string().optional(),
  REDIS_URL: connectionUrl(describeRedisUrl).optional(),
  REDIS_PASSWORD: z.string().optional(),
  STORAGE_URL: z.string().optional(),
  AZURE_STORAGE_CONNECTION_STRING: z.string().optional(),
  AZURE_STORAGE_ACCOUNT: z.string().optional(),
  KILN_SIGNED_URLS: z.enum(['on', 'off']).default('off'),
  AZURE_OPENAI_API_IMAGE_KEY: z.string().optional(),
  AZURE_OPENAI_API_IMAGE_ENDPOINT: url('https:', 'http:').optional(),
  AZURE_OPENAI_API_IMAGE_MODEL: z.string().optional(),
  AZURE_OPENAI_API_VERSION: z.string().optional(),
  AZURE_OPENAI_API_KEY: z.string().optional(),
  AZURE_OPENAI_ENDPOINT: url('https:', 'http:').optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: url('https:', 'http:').default(openaiUrl),
  KILN_SIMULATOR_URL: url('http:').optional(),
  KILN_MODEL: z.string().optional(),
  KILN_ENTRA_SCOPE: z.string().optional(),
  AZURE_AUTHORITY_HOST: z.string().optional(),
  KILN_DEPLOYMENTS: z.string().optional(),
  HTTPS_PROXY: z.string().optional(),
  HTTP_PROXY: z.string().optional(),
  NO_PROXY: z.string().optional(),
  KILN_RPM: numberFrom(z.number().min(0.01).max(1_000_000)).optional(),
  KILN_IPM: wholeNumber(1, 1_000_000).optional(),
  KILN_TPM: wholeNumber(1, 1_000_000_000).optional(),
  KILN_UNKNOWN_OUTCOME: z.enum(['retry_once', 'hold', 'retry']).default('retry_once'),
  KILN_MAX_ATTEMPTS: wholeNumber(1, 100).default(5),
  KILN_CALL_TIMEOUT_MS: wholeNumber(1_000, 3_600_000).default(300_000),
  KILN_STREAM_PARTIAL_IMAGES: z.enum(['off', '0', '1', '2', '3']).default('off'),
  KILN_STREAM_IDLE_MS: wholeNumber(1_000, 3_600_000).default(240_000),
  KILN_SYNC_TIMEOUT_MS: wholeNumber(1_000, 3_600_000).default(280_000),
  KILN_SYNC_MAX_WAITING: wholeNumber(1, 100_000).default(1_000),
  KILN_SHUTDOWN_GRACE_MS: wholeNumber(0, 3_600_000).optional(),
  KILN_LEASE_MS: wholeNumber(1_000, 600_000).default(30_000),
  KILN_MINUTE_MS: wholeNumber(100, 60_000).default(60_000),
  KILN_DEDUPE: z.enum(dedupeModes).default('off'),
  KILN_KEEP_RESULTS_DAYS: wholeNumber(1, 36_500).optional(),
  KILN_KEEP_FILES_DAYS: wholeNumber(1, 36_500).optional(),
  KILN_TRASH_DAYS: wholeNumber(1, 36_500).default(7),
  KILN_MIN_FREE_BYTES: wholeNumber(0, 1_000_000_000_000_000).default(2 * 1024 ** 3),
  KILN_MAX_BATCH_ROWS: wholeNumber(1, 1_000_000).default(100_000),
  KILN_WEBHOOK_ALLOW: z.string().optional(),
  KILN_WEBHOOK_TIMEOUT_MS: wholeNumber(100, 60_000).default(15_000),
  KILN_WEBHOOK_MINUTE_MS: wholeNumber(1, 60_000).default(60_000),
  KILN_HEAVY_REQUESTS: wholeNumber(1, 100).default(2),
  KILN_EVENT_RETENTION: wholeNumber(1, 36_500).default(7),
  KILN_EVENT_STREAMS: wholeNumber(1, 100_000).default(2_000),
  KILN_EVENT_STREAMS_PER_CALLER: wholeNumber(1, 100_000).default(100),
  KILN_DOWNLOADS: wholeNumber(1, 100_000).default(100),
  KILN_DOWNLOAD_STALL_MS: wholeNumber(100, 3_600_000).default(60_000),
  KILN_EVENT_STALL_MS: wholeNumber(100, 3_600_000).default(30_000),
  KILN_API_KEYS: z.string().optional(),
  KILN_CORS_ORIGINS: z.string().optional(),
  KILN_ALLOWED_HOSTS: z.string().optional(),
  KILN_PUBLIC_URL: url('https:', 'http:').optional(),
  KILN_TRUST_PROXY: z.string().optional(),
  KILN_STUDIO: z.enum(['on', 'off']).default('on'),
  KILN_DATA_DIR: z.string().default('.data'),
  KILN_HEARTBEAT_FILE: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type ParsedEnvironment = z.infer<typeof environmentSchema>;

export type Environment = Readonly<Record<string, string | undefined>>;
