/**
 * Starts a whole Kiln in this process over real parts: PostgreSQL, the queue engine, the simulator
 * over HTTP. A Kiln that a test starts is closed with the test, one for a whole file with the file.
 */
import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseConfig } from '@kiln/shared/config';
import { openDeps, type Deps } from '@kiln/shared/deps';
import { createLogger } from '@kiln/shared/logger';
import type { Job } from '@kiln/shared/schemas/job';
import type { ResolveHost } from '@kiln/shared/webhooks/resolve-host';
import { onTestFinished } from 'vitest';
import { buildApp } from '../../apps/api/src/app.ts';
import { createApiDeps } from '../../apps/api/src/deps.ts';
import { buildSimulator, type SimulatorOptions } from '../../apps/simulator/src/app.ts';
import { openWorkerDeps } from '../../apps/worker/src/deps.ts';
import { buildWorkers } from '../../apps/worker/src/workers.ts';
import { atEndOfFile } from './end-of-file.ts';
import type { OpenEngine, QueueEngine } from './engines/engines.ts';
import { temporaryFolder } from './engines/server-process.ts';
import { waitFor } from './wait-for.ts';
import type { Environment } from '@kiln/shared/config/environment';

export interface KilnOptions {
  engine: QueueEngine | OpenEngine;
  /** Environment variables, besides those of the engines and the simulator. */
  env?: Environment;
  /** Default: no quota, no latency, small pictures. */
  simulator?: SimulatorOptions;
  /** Resolves the host names of webhooks. */
  resolveHost?: ResolveHost;
  /** Takes the lines of the log, from the level `info` on. */
  logTo?: { write(line: string): void };
  /**
   * How long a statement of the API may take. The default only ends what hangs: production's four
   * seconds refuse requests on a starved machine.
   */
  statementTimeoutMs?: number;
  /** false starts an API without a worker, so that jobs stay queued. */
  workers?: boolean;
}

export interface TestKiln {
  url: string;
  simulatorUrl: string;
  databaseUrl: string;
  redisUrl: string | null;
  dataDir: string;
  /** The dependencies of the API, for reading the records. */
  deps: Deps;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Submits a job and returns it. Throws the API's answer unless the job was accepted. */
  submit(body?: Record<string, unknown>): Promise<Job>;
  read(id: string): Promise<Job>;
  /** Waits until the job has one of the statuses (default: any end status). */
  ended(id: string, statuses?: readonly Job['status'][]): Promise<Job>;
  /** Calls the simulator's control API: `PATCH settings`, `POST faults`, `GET ledger` … */
  control<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Starts the workers of one more worker process. */
  startWorkers(): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

const endStatuses: readonly Job['status'][] = ['succeeded', 'failed', 'cancelled', 'expired'];

export async function startKiln(options: KilnOptions): Promise<TestKiln> {
  const engine = 'open' in options.engine ? await options.engine.open() : options.engine;
  const simulator = await buildSimulator({
    rpm: 0,
    latencyMs: { min: 0, max: 0 },
    pictures: 'tiny',
    ...options.simulator,
  });
  await simulator.listen({ port: 0, host: '127.0.0.1' });
  const simulatorUrl = `http://127.0.0.1:${(simulator.server.address() as AddressInfo).port}`;
  const dataDir = mkdtempSync(join(temporaryFolder('kiln').path, 'data-'));
  const config = parseConfig({
    DATABASE_URL: engine.databaseUrl,
    KILN_SIMULATOR_URL: simulatorUrl,
    KILN_DATA_DIR: dataDir,
    PORT: '0',
    // The disk of a test machine may be almost full.
    KILN_MIN_FREE_BYTES: '0',
    KILN_STUDIO: 'off',
    KILN_RPM: '60000',
    ...(engine.redisUrl === null ? {} : { REDIS_URL: engine.redisUrl }),
    ...options.env,
  });
  const log =
    options.logTo === undefined
      ? createLogger({
          name: 'test',
          level: config.logLevel === 'info' ? 'silent' : config.logLevel,
        })
      : createLogger({ name: 'test', level: 'info', to: options.logTo });
  const stopping = new AbortController();
  const { resolveHost } = options;
  const shared = {
    config,
    log,
    ...(resolveHost !== undefined && { resolveHost }),
    ...(engine.redisUrl === null ? {} : { queueNamespace: engine.prefix }),
  };
  const deps = await openDeps({
    ...shared,
    name: 'api',
    databaseConnections: 8,
    queueConnections: 4,
    statementTimeoutMs: options.statementTimeoutMs ?? 60_000,
  });
  const api = createApiDeps(deps, stopping.signal);
  const app = await buildApp(api, log);
  await app.listen({ port: 0, host: config.host });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const workers = new Set<{ close(): Promise<void> }>();

  const kiln: TestKiln = {
    url,
    simulatorUrl,
    dataDir,
    deps,
    databaseUrl: engine.databaseUrl,
    redisUrl: engine.redisUrl,
    request: (path, init) => fetch(`${url}${path}`, init),
    async submit(body = {}) {
      const response = await postJson(`${url}/v1/jobs`, {
        prompt: 'A small boat',
        ...body,
      });
      if (!response.ok) throw new Error(`the job was refused: ${await response.text()}`);
      return (await response.json()) as Job;
    },
    read: async (id) => (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as Job,
    ended: (id, statuses = endStatuses) =>
      waitFor(
        async () => {
          // Wait on the server: sixty callers that poll would keep the API busy.
          const headers = statuses === endStatuses ? { prefer: 'wait=5' } : {};
          const job = (await (await fetch(`${url}/v1/jobs/${id}`, { headers })).json()) as Job;
          return statuses.includes(job.status) && job;
        },
        { what: `job ${id} to be ${statuses.join(' or ')}` },
      ),
    async control<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${simulatorUrl}/_control/${path}`, {
        method,
        ...(body === undefined
          ? {}
          : {
              body: JSON.stringify(body),
              headers: { 'content-type': 'application/json' },
            }),
      });
      if (!response.ok)
        throw new Error(`the simulator refused the request: ${await response.text()}`);
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
    async startWorkers() {
      const own = new AbortController();
      const workerDeps = await openDeps({
        ...shared,
        name: 'worker',
        databaseConnections: 8,
        queueConnections: 4,
        statementTimeoutMs: 30_000,
      });
      const worker = await openWorkerDeps(workerDeps, own.signal);
      const built = buildWorkers(workerDeps, worker);
      await built.start();
      const started = {
        async close() {
          if (!workers.delete(started)) return;
          own.abort();
          await built.close();
          await worker.close();
          await workerDeps.close();
        },
      };
      workers.add(started);
      return started;
    },
    close: once(async () => {
      stopping.abort();
      await Promise.all([...workers].map((worker) => worker.close()));
      await app.close();
      await api.close();
      await deps.close();
      await simulator.close();
      if (!('open' in options.engine)) return;
      await engine.close();
    }),
  };
  closeInTime(() => kiln.close());
  if (options.workers !== false) await kiln.startWorkers();
  return kiln;
}

export function postJson(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return sendJson('POST', url, body, headers);
}

export function patchJson(url: string, body: unknown): Promise<Response> {
  return sendJson('PATCH', url, body);
}

function sendJson(
  method: 'POST' | 'PATCH',
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/**
 * Closes a Kiln at the end of the test that started it, because each holds dozens of connections.
 * Outside of a test it is closed at the end of the file.
 */
function closeInTime(close: () => Promise<void>): void {
  try {
    onTestFinished(close);
  } catch {
    atEndOfFile(close); // not within a test
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= action());
}
