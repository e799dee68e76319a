/** Creates the parts of a worker from what the process has opened. */
import { onEventsWritten } from '@kiln/shared/records/events/write-events';
import { join } from 'node:path';
import type { Deps } from '@kiln/shared/deps';
import { callsAtATime } from '@kiln/shared/domain/capacity';
import { buildId } from '@kiln/shared/ids';
import { signIn } from '@kiln/shared/provider/entra';
import { createProvider } from '@kiln/shared/provider/provider';
import { createPoolGuard } from '@kiln/shared/quota/pool-guard';
import { batchEndedChannel } from '@kiln/shared/records/batches/batches';
import { bulkActionsChannel } from '@kiln/shared/records/bulk-actions/bulk-actions';
import { deliveriesChannel } from '@kiln/shared/records/webhooks/deliveries';
import { eventsChannel } from '@kiln/shared/records/events/event-log';
import { cancelChannel } from '@kiln/shared/records/jobs/end-job';
import { createLedger } from '@kiln/shared/records/jobs/ledger';
import { listen } from '@kiln/shared/records/database/notifications';
import { openParts, type Opened } from '@kiln/shared/open-parts';
import { openRecords } from '@kiln/shared/records/database/open-records';
import type { BatchWorkDeps } from '@kiln/shared/services/batches/work/batch-work';
import { createBulkRunner, type BulkRunner } from '@kiln/shared/services/bulk-actions/bulk-runner';
import { createCallsUnderWay } from '@kiln/shared/services/running/calls-under-way';
import { createRefusedClaims } from '@kiln/shared/services/refused-claims';
import type { RunDeps } from '@kiln/shared/services/running/claimed-job';
import { createCompositor } from '@kiln/shared/services/derivatives/compositor';
import { createThumbhashes } from '@kiln/shared/services/derivatives/thumbhashes';
import { createLeases } from '@kiln/shared/services/dispatch/leases';
import { createLimitReports } from '@kiln/shared/services/running/limit-reports';
import { createPictureFetcher } from '@kiln/shared/services/running/fetch-picture';
import { createStartGate } from '@kiln/shared/services/running/gate/start-gate';
import { createDeliveryDispatcher } from '@kiln/shared/services/webhooks/delivery-dispatcher';
import type { DeliverDeps } from '@kiln/shared/services/webhooks/deliver-event';
import { openSourceCache } from '@kiln/shared/storage/local/source-cache';
import { openSpool } from '@kiln/shared/storage/local/spool';
import type { ScheduledDeps } from '@kiln/shared/services/maintenance/maintenance-deps';

export interface WorkerDeps {
  run: RunDeps;
  maintenance: ScheduledDeps;
  batches: BatchWorkDeps;
  deliveries: DeliverDeps;
  bulkRunner: BulkRunner;
  close(): Promise<void>;
}

/** Opens the parts of a worker; a failure closes those that were open by then. */
export function openWorkerDeps(deps: Deps, stopping: AbortSignal): Promise<WorkerDeps> {
  return openParts(deps.log, (opened) => openEach(deps, stopping, opened));
}

async function openEach(
  deps: Deps,
  stopping: AbortSignal,
  opened: Opened,
): Promise<Omit<WorkerDeps, 'close'>> {
  const { config, log, pools, routes, records, dispatcher, store, tokenMemory } = deps;
  const worker = buildId('wrk');
  const spool = await openSpool(join(config.dataDir, 'spool'), log);
  // Open the source cache before the provider, so that it is closed after it: calls read their
  // pictures from the cache.
  const sourceCache = opened(await openSourceCache(join(config.dataDir, 'sources', worker), store));
  // The guard has connections of its own, so that a start does not wait for the jobs' statements.
  const starts = opened(
    openRecords({
      databaseUrl: config.databaseUrl,
      connections: 2,
      kept: 1, // kept open, so that a start need not wait for a new connection
      name: 'worker-pace',
      statementTimeoutMs: deps.statementTimeoutMs,
      log,
    }),
  );
  onEventsWritten(starts, deps.sequencer.wake);
  const guard = createPoolGuard(starts.pool, { minuteMs: config.minuteMs });
  const getToken = signIn(config.proxies);
  const provider = opened(
    createProvider({
      callTimeoutMs: config.callTimeoutMs,
      streamIdleMs: config.streamIdleMs,
      proxies: config.proxies,
      getToken,
      fetchPicture: createPictureFetcher(deps.egress, getToken),
    }),
  );
  const leases = opened(createLeases({ db: records.db, worker, leaseMs: config.leaseMs, log }));
  const deliveryDispatcher = opened(
    createDeliveryDispatcher({
      db: records.db,
      engine: deps.engine,
      minuteMs: config.webhookMinuteMs,
      log,
      outages: deps.outages,
    }),
  );
  const refusedClaims = createRefusedClaims();
  const bulkRunner = opened(
    createBulkRunner({ config, refusedClaims, log, db: records.db, outages: deps.outages }),
  );
  opened(
    listen({
      databaseUrl: config.databaseUrl,
      channels: {
        [cancelChannel]: (jobId) => leases.abort(jobId),
        [batchEndedChannel]: (batchId) => deps.batchQueue.enqueue(batchId),
        [eventsChannel]: () => deliveryDispatcher.wakeForEvents(),
        [deliveriesChannel]: () => deliveryDispatcher.wakeForAll(),
        [bulkActionsChannel]: () => bulkRunner.wake(),
      },
      // Other missed notices need no action: the next heartbeat finds a forced cancel, the
      // reconciler a batch or a bulk action.
      onGap: () => deliveryDispatcher.wakeForAll(),
      log,
    }),
  );
  const derivativeDeps = { db: records.db, store, imaging: deps.imaging, log };
  const thumbhashes = opened(createThumbhashes(derivativeDeps));
  const compositor = opened(createCompositor(derivativeDeps));
  const gate = createStartGate({
    guard,
    pools: pools.map((pool) => ({ ...pool, callsAtATime: callsAtATime(pool) })),
    minuteMs: config.minuteMs,
    stopping,
    log,
  });
  return {
    bulkRunner,
    run: {
      config,
      routes,
      log,
      worker,
      dispatcher,
      leases,
      gate,
      calls: createCallsUnderWay(),
      guard,
      limitReports: createLimitReports({ guard, pools, log }),
      provider,
      spool,
      sourceCache,
      imaging: deps.imaging,
      thumbhashes,
      compositor,
      store,
      tokenMemory,
      db: records.db,
      ledger: createLedger(records.db, config.leaseMs),
      refusedClaims,
    },
    maintenance: { config, log, store, stopping, compositor, db: records.db },
    batches: {
      config,
      routes,
      dispatcher,
      store,
      tokenMemory,
      refusedClaims,
      log,
      stopping,
      db: records.db,
    },
    deliveries: {
      config,
      deliveryDispatcher,
      refusedClaims,
      log,
      db: records.db,
      egress: deps.egress,
      abortTries: abortAfterGrace(stopping),
    },
  };
}

/** At a stop, webhook receivers have this time to answer before their deliveries are aborted. */
const stoppingGraceMs = 2_000;

function abortAfterGrace(stopping: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const begin = (): void => void setTimeout(() => controller.abort(), stoppingGraceMs).unref();
  if (stopping.aborted) begin();
  else stopping.addEventListener('abort', begin, { once: true });
  return controller.signal;
}
