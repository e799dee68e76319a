/**
 * The configuration of a process. Each `main.ts` parses it once, from an environment that it passes
 * as an argument. `parseConfig` reports every mistake at once, by the name of its variable, and
 * never repeats a secret. `docs/configuration.md` explains each variable.
 */
import type { z } from 'zod';
import { readDeployments } from './config/deployments.ts';
import { parseCorsOrigins } from './config/cors-origins.ts';
import {
  parseAllowedHosts,
  parsePublicUrl,
  parseTrustedProxies,
  type AllowedHost,
  type TrustedProxies,
} from './config/public-address.ts';
import { parseWebhookAllow, type WebhookAllowance } from './config/webhook-allow.ts';
import { readProxies, type Proxies } from './config/proxies.ts';
import { readStorage, type StorageSettings } from './config/storage.ts';
import type { Deployment, PoolSettings } from './models/deployment.ts';
import type { UnknownOutcomePolicy } from './domain/retry-policy.ts';
import { ConfigurationError } from './errors.ts';
import { addPassword } from './config/connection-url.ts';
import type { DedupeMode } from './schemas/field-values.ts';
import { environmentSchema, type Environment } from './config/environment.ts';
import { readSecretFiles, secretsForSdks } from './config/secret-files.ts';

export interface Config {
  port: number;
  host: string;
  databaseUrl: string;
  /** null: BullMQ runs on PostgreSQL. */
  redisUrl: string | null;
  storage: StorageSettings;
  /** Downloads redirect to signed URLs of the object store, if it can sign them. */
  signedUrls: boolean;
  dataDir: string;
  /** The file in which a worker shows that it runs; null: none. */
  heartbeatFile: string | null;
  apiKeys: string[];
  /** Origins whose web pages may call the API; see `config/cors-origins.ts`. */
  corsOrigins: string[];
  /** Names of this API besides those of loopback, `host` and `publicUrl`. */
  allowedHosts: AllowedHost[];
  /** The address at which callers reach the API, without a final slash; null: as requests say. */
  publicUrl: string | null;
  /** The proxies whose `X-Forwarded-…` headers are believed. */
  trustedProxies: TrustedProxies;
  deployments: Deployment[];
  /** The proxies through which requests to other machines go. */
  proxies: Proxies;
  pools: PoolSettings[];
  unknownOutcome: UnknownOutcomePolicy;
  maxAttempts: number;
  callTimeoutMs: number;
  /** How long the provider may send nothing during a streamed call. */
  streamIdleMs: number;
  /** How long a request to the OpenAI-compatible images API waits for its images. */
  syncTimeoutMs: number;
  /** How many such requests may wait in one process. */
  syncMaxWaiting: number;
  shutdownGraceMs: number;
  /** How long a worker's claim to a job stays valid after its last heartbeat. */
  leaseMs: number;
  /** Length of the provider's minute; tests scale it down from 60,000. */
  minuteMs: number;
  /** What happens when the same was made before, unless a request or batch says it. */
  dedupe: DedupeMode;
  /** Days that the images of a job are kept after its end; null: for ever. */
  keepResultsDays: number | null;
  /** Days that a file is kept after its upload; null: until it is deleted or its own expiry. */
  keepFilesDays: number | null;
  /** Days that an image in the trash can be restored. */
  trashDays: number;
  /** Uploads are refused while the disk of the object store has fewer free bytes. */
  minFreeBytes: number;
  /** The most rows that the file of one batch may have. */
  maxBatchRows: number;
  /** Days that events can be read again. */
  keepEventsDays: number;
  /** Destinations that webhooks may reach in addition to public https addresses. */
  webhookAllow: WebhookAllowance[];
  /** How long a webhook receiver may take to answer. */
  webhookTimeoutMs: number;
  /** Length of a minute in the delivery schedule; tests scale it down from 60,000. */
  webhookMinuteMs: number;
  /** How many validations, tables and archives, of each, an API process works on at a time. */
  heavyRequests: number;
  /** How many event streams a process keeps open in total; the next field limits one caller. */
  eventStreams: number;
  eventStreamsPerCaller: number;
  /**
   * How long a client may read nothing of the events that wait for it before it is disconnected.
   */
  eventStallMs: number;
  /** How many files a process sends at a time. */
  downloads: number;
  /** How long a client may accept nothing of a file before it is disconnected. */
  downloadStallMs: number;
  /** The API serves the studio, its page for people. */
  studio: boolean;
  logLevel: string;
  /** Variables of the SDKs, from files, that the process must add to its environment. */
  sdkSecrets: Readonly<Record<string, string>>;
  /** Settings that are accepted and probably not meant, one sentence each; logged at boot. */
  warnings: string[];
}

/** A shorter key can be guessed. */
const shortestApiKey = 16;

/** Parses the environment. Throws a `ConfigurationError` that names every wrong variable. */
export function parseConfig(withoutFiles: Environment): Config {
  const problems: string[] = [];
  const environment = readSecretFiles(withoutFiles, problems);
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape).flatMap((name) => {
      const value = environment[name]?.trim();
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const placeholders = findPlaceholders(given);
  for (const [name, placeholder] of placeholders)
    problems.push(
      `${name} still contains the placeholder ${placeholder}: replace it with the real value, ` +
        'or remove the line',
    );
  const parsed = environmentSchema.safeParse(given);
  const wrong = parsed.error?.issues ?? [];
  problems.push(
    ...wrong
      .filter(({ path }) => !placeholders.has(String(path[0])))
      .map((issue) => describeIssue(issue, given)),
  );

  const env = parsed.data ?? environmentSchema.parse({ ...given, ...standInsFor(wrong) });
  const apiKeys = (env.KILN_API_KEYS ?? '')
    .split(/[,\r\n]/) // a file may have each on a line of its own
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (!isLoopback(env.HOST) && apiKeys.length === 0) {
    problems.push(
      `HOST is ${env.HOST}, which other machines can reach, but KILN_API_KEYS is not set: set ` +
        'KILN_API_KEYS, or HOST=127.0.0.1',
    );
  } else if (env.KILN_API_KEYS !== undefined && apiKeys.length === 0) {
    problems.push('KILN_API_KEYS contains no key: set one, or remove the line');
  }
  for (const [index, key] of apiKeys.entries()) {
    if (key.length >= shortestApiKey) continue;
    problems.push(
      `KILN_API_KEYS has a key of ${key.length} characters (number ${index + 1}): a key has at ` +
        `least ${shortestApiKey}, such as the output of "openssl rand -hex 24"`,
    );
  }
  const warnings: string[] = [];
  const proxies = readProxies(environment, problems, warnings);
  const corsOrigins = parseCorsOrigins(env.KILN_CORS_ORIGINS ?? '', apiKeys.length > 0, problems);
  const publicUrl =
    env.KILN_PUBLIC_URL === undefined
      ? null
      : parsePublicUrl(env.KILN_PUBLIC_URL, problems, warnings);
  const trustedProxies: TrustedProxies =
    env.KILN_TRUST_PROXY === undefined
      ? { kind: 'none' }
      : parseTrustedProxies(env.KILN_TRUST_PROXY, problems);
  const allowedHosts = parseAllowedHosts(env.KILN_ALLOWED_HOSTS ?? '', problems);
  const webhookAllow = parseWebhookAllow(env.KILN_WEBHOOK_ALLOW ?? '', problems);
  const provision = readDeployments(env, environment, { problems, warnings });
  const storage = readStorage(
    { ...env, STORAGE_URL: env.STORAGE_URL ?? `file:${env.KILN_DATA_DIR}/objects` },
    problems,
  );
  if (storage === null || problems.length > 0) throw new ConfigurationError(problems);
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: addPassword(env.DATABASE_URL, env.DATABASE_PASSWORD),
    redisUrl: env.REDIS_URL === undefined ? null : addPassword(env.REDIS_URL, env.REDIS_PASSWORD),
    storage,
    signedUrls: env.KILN_SIGNED_URLS === 'on',
    dataDir: env.KILN_DATA_DIR,
    heartbeatFile: env.KILN_HEARTBEAT_FILE ?? null,
    apiKeys,
    corsOrigins,
    allowedHosts,
    publicUrl,
    trustedProxies,
    ...provision,
    proxies,
    unknownOutcome: env.KILN_UNKNOWN_OUTCOME,
    maxAttempts: env.KILN_MAX_ATTEMPTS,
    callTimeoutMs: env.KILN_CALL_TIMEOUT_MS,
    streamIdleMs: env.KILN_STREAM_IDLE_MS,
    syncTimeoutMs: env.KILN_SYNC_TIMEOUT_MS,
    syncMaxWaiting: env.KILN_SYNC_MAX_WAITING,
    shutdownGraceMs: env.KILN_SHUTDOWN_GRACE_MS ?? env.KILN_CALL_TIMEOUT_MS + 30_000,
    leaseMs: env.KILN_LEASE_MS,
    minuteMs: env.KILN_MINUTE_MS,
    dedupe: env.KILN_DEDUPE,
    keepResultsDays: env.KILN_KEEP_RESULTS_DAYS ?? null,
    keepFilesDays: env.KILN_KEEP_FILES_DAYS ?? null,
    trashDays: env.KILN_TRASH_DAYS,
    minFreeBytes: env.KILN_MIN_FREE_BYTES,
    maxBatchRows: env.KILN_MAX_BATCH_ROWS,
    webhookAllow,
    webhookTimeoutMs: env.KILN_WEBHOOK_TIMEOUT_MS,
    webhookMinuteMs: env.KILN_WEBHOOK_MINUTE_MS,
    keepEventsDays: env.KILN_EVENT_RETENTION,
    heavyRequests: env.KILN_HEAVY_REQUESTS,
    eventStreams: env.KILN_EVENT_STREAMS,
    eventStreamsPerCaller: env.KILN_EVENT_STREAMS_PER_CALLER,
    eventStallMs: env.KILN_EVENT_STALL_MS,
    downloads: env.KILN_DOWNLOADS,
    downloadStallMs: env.KILN_DOWNLOAD_STALL_MS,
    studio: env.KILN_STUDIO === 'on',
    logLevel: env.LOG_LEVEL,
    sdkSecrets: secretsForSdks(withoutFiles, environment),
    warnings,
  };
}

/**
 * Values that replace the wrong variables, so that the checks that combine several variables can
 * still run and report their mistakes as well. Such a configuration is never used.
 */
function standInsFor(wrong: readonly z.core.$ZodIssue[]): Record<string, string | undefined> {
  const urls: Record<string, string> = {
    DATABASE_URL: 'postgres://wrong',
    REDIS_URL: 'redis://wrong',
  };
  return Object.fromEntries(
    wrong.map(({ path }) => {
      const name = String(path[0]);
      return [name, urls[name] ?? (/URL|ENDPOINT/.test(name) ? 'http://wrong' : undefined)];
    }),
  );
}

/**
 * Finds the placeholders of the sample settings, by variable. A message repeats only the
 * placeholder itself, because the text around it may hold a password.
 */
function findPlaceholders(given: Record<string, string>): Map<string, string> {
  return new Map(
    Object.entries(given).flatMap(([name, value]) => {
      const found = /^<.*>$|<your\b[^>]*>?/i.exec(value);
      return found === null ? [] : [[name, found[0]] as const];
    }),
  );
}

function describeIssue(issue: z.core.$ZodIssue, given: Record<string, string>): string {
  const name = String(issue.path[0]);
  if (given[name] === undefined) return `${name} is not set`;
  // URLs may contain a password, and keys are secret: the message does not repeat such values.
  const received = /KEY|URL|ENDPOINT|PASSWORD|PROXY|CONNECTION/.test(name)
    ? ''
    : ` is "${given[name]}":`;
  return `${name}${received} ${issue.message}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
