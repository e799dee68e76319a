/** What a process is made of, opened once in its `main.ts` and handed to everything else. */
import type { Config } from './config.ts';
import type { PoolSettings } from './models/deployment.ts';
import { buildRoutes, type Routes } from './models/routes.ts';
import { createImaging, type Imaging } from './imaging/imaging.ts';
import type { Logger } from './logger.ts';
import { openQueueEngine } from './queue/open-queue-engine.ts';
import type { QueueEngine } from './queue/queue-engine.ts';
import { paceOf } from './quota/pace.ts';
import { resumeRecovered } from './quota/pool-guard.ts';
import { migrate } from './records/database/migrate.ts';
import { openRecords, type Records } from './records/database/open-records.ts';
import { savePools } from './records/pools.ts';
import { announceRoutes } from './records/jobs/routes.ts';
import { createBatchQueue, type BatchQueue } from './services/batches/batch-queue.ts';
import { createDispatcher, type Dispatcher } from './services/dispatch/dispatch.ts';
import { createSequencer, type Sequencer } from './services/events/sequencer.ts';
import type { ObjectStore } from './storage/object-store.ts';
import { openObjectStore } from './storage/open-store.ts';
import { createEgress, type Egress } from './webhooks/egress.ts';
import { resolveHost, type ResolveHost } from './webhooks/resolve-host.ts';
import type { ConfiguredPool } from './quota/configured-pool.ts';

export interface Deps {
  config: Config;
  log: Logger;
  pools: ConfiguredPool[];
  routes: Routes;
  records: Records;
  engine: QueueEngine;
  store: ObjectStore;
  imaging: Imaging;
  dispatcher: Dispatcher;
  batchQueue: BatchQueue;
  sequencer: Sequencer;
  egress: Egress;
  /** How long a statement may take. */
  databasePatienceMs: number;
  close(): Promise<void>;
}

/**
 * Opens everything, in order, and checks it. Throws one sentence about the first part that is not
 * as it must be.
 */
export async function openDeps(options: {
  config: Config;
  log: Logger;
  name: string;
  databaseConnections: number;
  /**
   * How long a statement is waited for: a caller's patience, or that of work which nobody waits
   * for.
   */
  databasePatienceMs: number;
  /** Of the queue engine; several Kilns can share one Redis. */
  queueNamespace?: string;
  /** Where webhooks look names up, if not with the machine's name servers. */
  resolveHost?: ResolveHost;
}): Promise<Deps> {
  const { config, log, name } = options;
  const routes = buildRoutes(config.deployments);
  const pools = config.pools.map((pool) => configurePool(pool, config, routes));
  const store = await openObjectStore(config.storage);
  await store.check();
  for (const remark of store.remarks ?? []) log.warn({ store: store.name }, remark);
  const records = openRecords({
    databaseUrl: config.databaseUrl,
    connections: options.databaseConnections,
    patienceMs: options.databasePatienceMs,
    name,
    log,
  });
  try {
    await records.check();
    const applied = await migrate(records.pool);
    if (applied.length > 0) log.info({ migrations: applied }, 'the database was migrated');
    await savePools(
      records.db,
      pools.map((pool) => ({ ...pool, ...pool.pace })),
    );
    for (const pool of pools) await resumeRecovered(records.pool, pool);
    await announceRoutes(records.db, routes);
    const engine = await openQueueEngine({
      databaseUrl: config.databaseUrl,
      redisUrl: config.redisUrl,
      log,
      ...(options.queueNamespace === undefined ? {} : { namespace: options.queueNamespace }),
    });
    await engine.check();
    const dispatcher = createDispatcher({ db: records.db, engine, pools, log });
    const batchQueue = createBatchQueue({ db: records.db, engine, log });
    const imaging = createImaging({ log });
    const sequencer = createSequencer({ db: records.db, log });
    records.onEventsWritten(sequencer.wake);
    return {
      config,
      log,
      pools,
      routes,
      records,
      engine,
      store,
      imaging,
      dispatcher,
      batchQueue,
      sequencer,
      egress: createEgress({
        allowed: config.webhookAllow,
        resolve: options.resolveHost ?? resolveHost,
      }),
      databasePatienceMs: options.databasePatienceMs,
      async close() {
        await imaging.close();
        await batchQueue.close();
        await dispatcher.close();
        await engine.close();
        await sequencer.close();
        await records.close();
        await store.close();
      },
    };
  } catch (error) {
    await records.close();
    throw error;
  }
}

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
    pace: paceOf(pool.rpm, config.minuteMs),
    deployments: config.deployments.flatMap((each) => (each.pool === pool.name ? [each.name] : [])),
    routes: poolRoutes,
    sharers: [...sharers],
  };
}
