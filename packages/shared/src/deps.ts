/**
 * The parts that every process is made of: object store, records, queue engine, pools, events.
 * `openDeps` is called once in each `main.ts`, and everything else gets its parts as arguments. A
 * start that fails closes whatever was opened before the failure.
 */
import { onEventsWritten } from './records/events/write-events.ts';
import type { Config } from './config.ts';
import { describeProxy } from './config/proxies.ts';
import { countConnections, processConnections } from './config/connections.ts';
import type { PoolSettings } from './models/deployment.ts';
import { buildRoutes, type Routes } from './models/routes.ts';
import { createImaging, type Imaging } from './imaging/imaging.ts';
import { limitWarnings, type Logger, type WarningLog } from './logger.ts';
import { openParts, type Opened } from './open-parts.ts';
import { openQueueEngine } from './queue/open-queue-engine.ts';
import type { QueueEngine } from './queue/queue-engine.ts';
import { checkSimulatorHost } from './provider/check-simulator.ts';
import { meterPaceOf, paceOf } from './quota/pace.ts';
import { resumeRecovered } from './quota/pool-guard.ts';
import { checkConnections } from './records/database/check-connections.ts';
import { migrate } from './records/database/migrate.ts';
import { openRecords, type Records } from './records/database/open-records.ts';
import { savePools } from './records/pools.ts';
import { announceRoutes } from './records/jobs/routes.ts';
import { createBatchQueue, type BatchQueue } from './services/batches/batch-queue.ts';
import { createDispatcher, type Dispatcher } from './services/dispatch/dispatch.ts';
import { createTokenMemory, type TokenMemory } from './services/token-memory.ts';
import { createSequencer, type Sequencer } from './services/events/sequencer.ts';
import type { ObjectStore } from './storage/object-store.ts';
import { openObjectStore } from './storage/open-store.ts';
import { createEgress, type Egress } from './webhooks/egress.ts';
import { resolveHost, type ResolveHost } from './webhooks/resolve-host.ts';
import type { ConfiguredPool } from './quota/configured-pool.ts';

export interface Deps {
  config: Config;
  log: Logger;
  /** Takes the warnings that an outage repeats: at most one a second. */
  outages: WarningLog;
  pools: ConfiguredPool[];
  routes: Routes;
  records: Records;
  engine: QueueEngine;
  store: ObjectStore;
  imaging: Imaging;
  dispatcher: Dispatcher;
  batchQueue: BatchQueue;
  sequencer: Sequencer;
  tokenMemory: TokenMemory;
  egress: Egress;
  /** How long a statement may take. */
  statementTimeoutMs: number;
  /** Closes the parts in the reverse order of their opening, all of them even when one fails. */
  close(): Promise<void>;
}

export interface DepsOptions {
  config: Config;
  log: Logger;
  name: string;
  databaseConnections: number;
  /** How long a statement may take: short while a client waits, longer for background work. */
  statementTimeoutMs: number;
  /** How many connections the queues share, where they are in PostgreSQL. */
  queueConnections: number;
  /** The queue engine's namespace, so that several Kilns can share one Redis. */
  queueNamespace?: string;
  /** Resolves the host names of webhook receivers; default: the machine's name servers. */
  resolveHost?: ResolveHost;
}

/**
 * Opens everything, in order, and checks it. Throws one sentence about the first part that does not
 * work, after closing the parts that were open by then.
 */
export function openDeps(options: DepsOptions): Promise<Deps> {
  return openParts(options.log, (opened) => openEach(options, opened));
}

async function openEach(options: DepsOptions, opened: Opened): Promise<Omit<Deps, 'close'>> {
  const { config, log, name } = options;
  for (const warning of config.warnings) log.warn(warning);
  const { http, https } = config.proxies;
  if (http !== null || https !== null)
    log.info(
      { http: http && describeProxy(http), https: https && describeProxy(https) },
      'requests to other machines go through a proxy, except where NO_PROXY says otherwise',
    );
  await checkSimulatorHost(config.deployments);
  const routes = buildRoutes(config.deployments, config.pools);
  const pools = config.pools.map((pool) => configurePool(pool, config, routes));
  const store = opened(await openObjectStore(config.storage, config.proxies));
  await store.check();
  for (const remark of store.remarks ?? []) log.warn({ store: store.name }, remark);
  const records = opened(
    openRecords({
      databaseUrl: config.databaseUrl,
      connections: options.databaseConnections,
      statementTimeoutMs: options.statementTimeoutMs,
      name,
      log,
    }),
  );
  await records.check();
  const needs = {
    api: countConnections(processConnections.api, config.redisUrl === null),
    worker: countConnections(processConnections.worker, config.redisUrl === null),
  };
  const allowed = await checkConnections(records.pool, needs);
  log.info(
    { ...allowed, api: needs.api, worker: needs.worker },
    'connections to PostgreSQL: allowed, open now, and opened at most by an API and a worker ' +
      'process',
  );
  const applied = await migrate(records.pool);
  if (applied.length > 0) log.info({ migrations: applied }, 'the database was migrated');
  await savePools(
    records.db,
    pools.map((pool) => ({ ...pool, ...pool.pace, ...pool.meters })),
  );
  for (const pool of pools) await resumeRecovered(records.pool, pool);
  await announceRoutes(records.db, routes);
  // Opened before the engine and so closed after it: events that the last work writes are still
  // given their positions.
  const sequencer = opened(createSequencer({ db: records.db, log }));
  onEventsWritten(records, sequencer.wake);
  const outages = limitWarnings(log);
  const engine = opened(
    await openQueueEngine({
      databaseUrl: config.databaseUrl,
      redisUrl: config.redisUrl,
      queues: pools.length + queuesBesidesPools,
      connections: options.queueConnections,
      log,
      outages,
      ...(options.queueNamespace === undefined ? {} : { namespace: options.queueNamespace }),
    }),
  );
  await engine.check();
  const dispatcher = opened(createDispatcher({ db: records.db, engine, pools, log: outages }));
  const batchQueue = opened(createBatchQueue({ db: records.db, engine, log: outages }));
  const imaging = opened(createImaging({ log }));
  const tokenMemory = opened(createTokenMemory({ db: records.db, log }));
  return {
    config,
    log,
    outages,
    pools,
    routes,
    records,
    engine,
    store,
    imaging,
    dispatcher,
    batchQueue,
    sequencer,
    tokenMemory,
    egress: createEgress({
      allowed: config.webhookAllow,
      resolve: options.resolveHost ?? resolveHost,
      proxies: config.proxies,
    }),
    statementTimeoutMs: options.statementTimeoutMs,
  };
}

/** Batches, deliveries and maintenance. */
const queuesBesidesPools = 3;

function configurePool(pool: PoolSettings, config: Config, routes: Routes): ConfiguredPool {
  const namesOf = (route: string) =>
    routes.deploymentsOf(route).flatMap((each) => (each.pool === pool.name ? [each.name] : []));
  const poolRoutes = routes.routesOf(pool.name).map((route) => ({
    route,
    deployments: namesOf(route),
    isShared: routes.poolsOf(route).length > 1,
  }));
  const sharers = new Set(poolRoutes.flatMap(({ route }) => routes.poolsOf(route)));
  sharers.delete(pool.name);
  return {
    ...pool,
    pace: paceOf(pool, config.minuteMs),
    meters: meterPaceOf(pool, config.minuteMs),
    deployments: config.deployments.flatMap((each) => (each.pool === pool.name ? [each.name] : [])),
    routes: poolRoutes,
    sharers: [...sharers],
  };
}
