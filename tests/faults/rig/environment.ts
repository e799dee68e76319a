/**
 * The environment in which faults are injected: an API process and worker processes behind a proxy
 * for each dependency, and the simulator, whose ledger is the only truth about calls, payments and
 * quota. It needs no test runner, because the long run uses it as well.
 */
import { join } from 'node:path';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import pg from 'pg';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import type { Ledger } from '../../../apps/simulator/src/ledger.ts';
import type { EngineName } from '../../support/engines/engine-matrix.ts';
import { toSettings, type TestBucket } from '../../support/stores/object-stores.ts';
import type { PostgresServer } from '../../support/engines/postgres-server.ts';
import { startProxy, type Proxy } from '../../support/network/proxy.ts';
import type { PrivateRedis } from '../../support/engines/redis.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startProcess, type KilnProcess } from './kiln-process.ts';
import { jitterMsOf } from './quota.ts';

/** Part of every prompt in these runs; no log line may contain it. */
export const promptMarker = 'sesame-7261';
/** The provider's key; no log line may contain it. */
export const providerKey = 'sk-barberry-3390';

export interface EnvironmentOptions {
  engine: EngineName;
  /**
   * Starts per minute, of a minute that lasts `minuteMs`. The same for Kiln and for the simulator.
   */
  rpm: number;
  minuteMs: number;
  latencyMs?: { min: number; max: number };
  /** The simulator holds every answer until the test opens the gate. */
  gate?: boolean;
  leaseMs?: number;
  seed?: number;
  /** `full` draws a different picture for each job, which takes time. */
  pictures?: 'full' | 'tiny';
  /** Further variables for Kiln's processes. */
  env?: Readonly<Record<string, string>>;
}

export interface EnvironmentEngines {
  databaseUrl: string;
  /** A private server, to be stopped and started; null: the run's server. */
  postgres: PostgresServer | null;
  /** null: the queues are in PostgreSQL. */
  redis: PrivateRedis | null;
  /** null: objects are files in the environment's folder. */
  store: TestBucket | null;
}

/**
 * A fault injected into a worker, or into what it calls. Nothing else explains a call of unknown
 * outcome.
 */
export interface InjectedFault {
  kind: 'killed' | 'frozen' | 'provider-cut' | 'answer-withheld';
  /** The worker's own name; null: every worker that was calling. */
  worker: string | null;
  atMs: number;
  /** The end of a fault that lasts; it starts at `atMs`. */
  untilMs?: number;
}

export interface FaultEnvironment {
  options: Readonly<EnvironmentOptions>;
  /** Bypasses the proxies. */
  databaseUrl: string;
  api: KilnProcess;
  /** Every worker that was started, dead ones included. */
  workers: KilnProcess[];
  /** API processes that were replaced. */
  formerApis: KilnProcess[];
  redis: PrivateRedis | null;
  postgres: PostgresServer | null;
  /** The proxy between Kiln's processes and each dependency. */
  links: { database: Proxy; queue: Proxy | null; provider: Proxy; store: Proxy | null };
  injected: InjectedFault[];
  ledger: Ledger;
  /** The store of the pictures, bypassing the proxies. */
  store: ObjectStore;
  /** The folder of the objects, where the store is files. */
  objects: string;
  /** The spool folder of the workers on a machine. */
  spoolOf(machine: string): string;
  /** The machines that workers ran on. Each one is a data folder. */
  dataFolders(): string[];
  /**
   * Starts a worker. Two workers on one machine share a spool, as a process and its successor do.
   */
  startWorker(machine?: string, env?: Readonly<Record<string, string>>): Promise<KilnProcess>;
  /** Starts an API process in place of the current one, which is killed if it still runs. */
  restartApi(): Promise<void>;
  /** Sends SIGKILL; resolves when the worker has ended. */
  kill(worker: KilnProcess): Promise<void>;
  /** Sends SIGSTOP; the returned function sends SIGCONT. */
  freeze(worker: KilnProcess): () => void;
  /**
   * Records that a network fault harms calls from now on; the returned function records its end.
   */
  recordHarmedCalls(kind: 'provider-cut' | 'answer-withheld'): () => void;
  /** Submits jobs with numbered prompts and returns their ids. */
  submit(count: number): Promise<string[]>;
  /** Submits a job whose prompt contains the text. */
  submitFor(text: string): Promise<string>;
  request(path: string, init?: RequestInit): Promise<Response>;
  query<T extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<T[]>;
  count(status: string): Promise<number>;
  waitForCount(status: string, least: number): Promise<void>;
  /** Waits until no job is queued, held or in progress. */
  waitForEnds(): Promise<void>;
  /** Calls the simulator's control API: `PATCH settings`, `POST faults` … */
  control(method: 'PATCH' | 'POST' | 'DELETE', path: string, payload?: object): Promise<void>;
  setGate(isShut: boolean): Promise<void>;
  close(): Promise<void>;
}

export async function createEnvironment(
  options: EnvironmentOptions,
  engines: EnvironmentEngines,
): Promise<FaultEnvironment> {
  const {
    rpm,
    minuteMs,
    latencyMs = { min: 250, max: 450 },
    gate = false,
    leaseMs = 3_000,
    seed = 1,
    pictures = 'tiny',
  } = options;
  const folder = temporaryFolder('faults');
  const objects = join(folder.path, 'objects');
  const ledgerPath = join(folder.path, 'ledger.jsonl');
  const quota = { rpm, minuteMs, quotaToleranceMs: jitterMsOf({ rpm, minuteMs }) };
  const simulator = await buildSimulator({
    ...quota,
    latencyMs,
    gate,
    pictures,
    seed,
    ledgerPath,
    forgivesStalls: true,
  });
  const links = {
    database: await startProxy(engines.databaseUrl),
    queue: engines.redis === null ? null : await startProxy(engines.redis.url),
    provider: await startProxy(await simulator.listen({ port: 0, host: '127.0.0.1' })),
    store: engines.store && (await startProxy(engines.store.serverUrl)),
  };
  const files = { STORAGE_URL: `file:${objects}` };
  const store = await openObjectStore(toSettings(engines.store?.environment() ?? files));
  const env = {
    DATABASE_URL: links.database.url,
    OPENAI_API_KEY: providerKey,
    OPENAI_BASE_URL: new URL('/v1', links.provider.url).href,
    ...(engines.store?.environment(links.store?.url) ?? files),
    PORT: '0',
    KILN_RPM: String(rpm),
    KILN_MINUTE_MS: String(minuteMs),
    KILN_LEASE_MS: String(leaseMs),
    LOG_LEVEL: 'trace',
    ...(links.queue === null ? {} : { REDIS_URL: links.queue.url }),
    ...options.env,
  };
  const pool = new pg.Pool({ connectionString: engines.databaseUrl, max: 2 });
  // Stopping the database also cuts the connections of this pool.
  pool.on('error', () => undefined);
  const machines = new Set<string>();
  const startApi = () => startProcess('api', { ...env, KILN_DATA_DIR: join(folder.path, 'api') });

  const environment: FaultEnvironment = {
    options,
    databaseUrl: engines.databaseUrl,
    api: await startApi(),
    workers: [],
    formerApis: [],
    redis: engines.redis,
    postgres: engines.postgres,
    links,
    injected: [],
    store,
    objects,
    ledger: simulator.simulator.ledger,
    spoolOf: (machine) => join(folder.path, machine, 'spool'),
    dataFolders: () => [...machines],
    async startWorker(machine = 'machine-1', own = {}) {
      machines.add(machine);
      const worker = await startProcess('worker', {
        ...env,
        ...own,
        KILN_DATA_DIR: join(folder.path, machine),
      });
      environment.workers.push(worker);
      return worker;
    },
    async restartApi() {
      environment.api.signal('SIGKILL');
      await environment.api.ended;
      environment.formerApis.push(environment.api);
      environment.api = await startApi();
    },
    async kill(worker) {
      const end = recordInjected(environment.injected, 'killed', nameOf(worker));
      worker.signal('SIGKILL');
      await worker.ended;
      end();
    },
    freeze(worker) {
      const end = recordInjected(environment.injected, 'frozen', nameOf(worker));
      worker.signal('SIGSTOP');
      return () => {
        worker.signal('SIGCONT');
        end();
      };
    },
    recordHarmedCalls: (kind) => recordInjected(environment.injected, kind, null),
    submit: (count) =>
      Promise.all(
        Array.from({ length: count }, (_, index) => environment.submitFor(`boat ${index}`)),
      ),
    async submitFor(text) {
      const body = JSON.stringify({ prompt: `${promptMarker} ${text}`, quality: 'low' });
      const response = await environment.request('/v1/jobs', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      if (response.status !== 202) throw new Error(`the job was refused: ${await response.text()}`);
      return ((await response.json()) as { id: string }).id;
    },
    request: (path, init) => fetch(`${String(environment.api.ready['url'])}${path}`, init),
    query: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<T>(text, values)).rows,
    async count(status) {
      const text = 'select count(*)::int from kiln.jobs where status = $1';
      const [row] = await environment.query<{ count: number }>(text, [status]);
      return row?.count ?? 0;
    },
    async waitForCount(status, least) {
      await waitFor(async () => (await environment.count(status)) >= least, {
        what: `${least} jobs to be ${status}`,
      });
    },
    async waitForEnds() {
      const open =
        "select id from kiln.jobs where status in ('queued', 'in_progress', 'held') limit 1";
      await waitFor(async () => (await environment.query(open)).length === 0, {
        what: 'every job to have ended',
      });
    },
    async control(method, path, payload) {
      const answer = await simulator.inject({
        method,
        url: `/_control/${path}`,
        ...(payload === undefined ? {} : { payload }),
      });
      if (answer.statusCode >= 300) throw new Error(`the simulator refused: ${answer.body}`);
    },
    setGate: (isShut) => environment.control('PATCH', 'settings', { gate: isShut }),
    async close() {
      const processes = [environment.api, ...environment.formerApis, ...environment.workers];
      for (const each of processes) each.signal('SIGKILL');
      await Promise.all(processes.map(({ ended }) => ended));
      await pool.end();
      await simulator.close();
      await store.close();
      await Promise.all(
        Object.values(links).flatMap((link) => (link === null ? [] : [link.close()])),
      );
      folder.remove();
    },
  };
  return environment;
}

/** Records a fault that lasts until the returned function is called. */
function recordInjected(
  injected: InjectedFault[],
  kind: InjectedFault['kind'],
  worker: string | null,
): () => void {
  const fault: InjectedFault = {
    kind,
    worker,
    atMs: Date.now(),
    untilMs: Number.POSITIVE_INFINITY,
  };
  injected.push(fault);
  return () => {
    fault.untilMs = Date.now();
  };
}

function nameOf(worker: KilnProcess): string {
  return String(worker.ready['worker']);
}
