/** Where faults are staged: an API process, worker processes, engines of their own and the simulator. Cleared at the end of the file. */
import { join } from 'node:path';
import pg from 'pg';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import type { Ledger } from '../../../apps/simulator/src/ledger.ts';
import { createTestDatabase, startPrivatePostgres } from '../../support/database.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { postJson } from '../../support/kiln.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';
import { startPrivateRedis, type PrivateRedis } from '../../support/redis.ts';
import { temporaryFolder } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startProcess, type KilnProcess } from './kiln-process.ts';

/** In every prompt of these tests, and in no line of any log. */
export const promptMarker = 'sesame-7261';

export type EngineName = 'postgres' | 'redis';
export const engineNames: EngineName[] = ['postgres', 'redis'];

export interface StageOptions {
  engine: EngineName;
  /** Starts a minute, of a minute that is `minuteMs` long; the same for Kiln and for the simulator. */
  rpm: number;
  minuteMs: number;
  latencyMs?: { min: number; max: number };
  /** Holds every answer until the test lets it go. */
  gate?: boolean;
  leaseMs?: number;
  /** A PostgreSQL of its own, to be stopped and started. */
  privatePostgres?: boolean;
}

export interface Stage {
  api: KilnProcess;
  workers: KilnProcess[];
  redis: PrivateRedis | null;
  postgres: PostgresServer | null;
  ledger: Ledger;
  /** Where the pictures are. */
  objects: string;
  /** The spool of a worker that was started with this data folder's name. */
  spoolOf(data: string): string;
  dataFolders(): string[];
  /** A worker on the machine `data`: two with the same name share a spool, as a process and its successor do. */
  startWorker(data?: string): Promise<KilnProcess>;
  submit(count: number): Promise<string[]>;
  query<T extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<T[]>;
  count(status: string): Promise<number>;
  waitForCount(status: string, least: number, timeoutMs?: number): Promise<void>;
  setGate(isShut: boolean): Promise<void>;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const {
    engine,
    rpm,
    minuteMs,
    latencyMs = { min: 250, max: 450 },
    gate = false,
    leaseMs = 1_500,
  } = options;
  const simulator = await buildSimulator({ rpm, minuteMs, latencyMs, gate, pictures: 'tiny' });
  const simulatorUrl = await simulator.listen({ port: 0, host: '127.0.0.1' });
  const postgres = options.privatePostgres === true ? await startPrivatePostgres() : null;
  const databaseUrl = postgres?.url ?? (await createTestDatabase()).url;
  const redis = engine === 'redis' ? await startPrivateRedis() : null;
  const folder = temporaryFolder('stage').path;
  const objects = join(folder, 'objects');
  const env = {
    DATABASE_URL: databaseUrl,
    KILN_SIMULATOR_URL: simulatorUrl,
    STORAGE_URL: `file:${objects}`,
    PORT: '0',
    KILN_RPM: String(rpm),
    KILN_MINUTE_MS: String(minuteMs),
    KILN_LEASE_MS: String(leaseMs),
    LOG_LEVEL: 'trace',
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
  };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // A database that is stopped on purpose also cuts the connections that look at it.
  pool.on('error', () => undefined);
  const workers: KilnProcess[] = [];
  const folders = new Set<string>();
  const api = await startProcess('api', { ...env, KILN_DATA_DIR: join(folder, 'api') });

  atEndOfFile(async () => {
    for (const each of [api, ...workers]) each.signal('SIGKILL');
    await Promise.all([api, ...workers].map(({ ended }) => ended));
    await pool.end();
    await simulator.close();
  });

  const stage: Stage = {
    api,
    workers,
    redis,
    postgres,
    objects,
    ledger: simulator.simulator.ledger,
    spoolOf: (data) => join(folder, data, 'spool'),
    dataFolders: () => [...folders],
    async startWorker(data = 'machine-1') {
      folders.add(data);
      const worker = await startProcess('worker', {
        ...env,
        KILN_DATA_DIR: join(folder, data),
      });
      workers.push(worker);
      return worker;
    },
    submit: (count) =>
      Promise.all(Array.from({ length: count }, (_, index) => submitOne(String(api.ready['url']), index))),
    query: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<T>(text, values)).rows,
    async count(status) {
      const [row] = await stage.query<{
        count: number;
      }>('select count(*)::int from kiln.jobs where status = $1', [status]);
      return row?.count ?? 0;
    },
    async waitForCount(status, least, timeoutMs = 45_000) {
      await waitFor(async () => (await stage.count(status)) >= least, {
        timeoutMs,
        what: `${least} jobs to be ${status}`,
      });
    },
    async setGate(isShut) {
      await simulator.inject({
        method: 'PATCH',
        url: '/_control/settings',
        payload: { gate: isShut },
      });
    },
  };
  return stage;
}

async function submitOne(url: string, index: number): Promise<string> {
  const response = await postJson(`${url}/v1/jobs`, { prompt: `${promptMarker} boat ${index}` });
  if (response.status !== 202) throw new Error(`the job was refused: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}
