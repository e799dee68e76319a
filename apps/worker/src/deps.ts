/** What a worker is made of, from what the process has opened. */
import { join } from 'node:path';
import type { Deps } from '@kiln/shared/deps';
import { buildId } from '@kiln/shared/ids';
import { createProvider } from '@kiln/shared/provider/provider';
import { createPoolGuard } from '@kiln/shared/quota/pool-guard';
import { batchEndedChannel } from '@kiln/shared/records/batches';
import { cancelChannel } from '@kiln/shared/records/jobs';
import { listen } from '@kiln/shared/records/notifications';
import { openRecords } from '@kiln/shared/records/open-records';
import type { BatchWorkDeps } from '@kiln/shared/services/batches/batch-work';
import type { RunDeps } from '@kiln/shared/services/claimed-job';
import { createLeases } from '@kiln/shared/services/leases';
import { createStartGate } from '@kiln/shared/services/start-gate';
import type { UpkeepDeps } from '@kiln/shared/services/upkeep';
import { openSourceStage } from '@kiln/shared/storage/source-stage';
import { openSpool } from '@kiln/shared/storage/spool';

export interface WorkerDeps {
  run: RunDeps;
  upkeep: UpkeepDeps;
  batches: BatchWorkDeps;
  close(): Promise<void>;
}

export async function createWorkerDeps(deps: Deps, stopping: AbortSignal): Promise<WorkerDeps> {
  const { config, log, pools, routes, records, dispatcher, store } = deps;
  const worker = buildId('wrk');
  // Connections of its own: a start must not wait behind the statements of the jobs that have theirs.
  const starts = openRecords({
    databaseUrl: config.databaseUrl,
    connections: 2,
    kept: 1, // nor for a connection to be opened
    name: 'worker-pace',
    patienceMs: deps.databasePatienceMs,
    log,
  });
  starts.onEventsWritten(deps.sequencer.poke);
  const guard = createPoolGuard(starts.pool, { minuteMs: config.minuteMs });
  const leases = createLeases({ db: records.db, worker, leaseMs: config.leaseMs, log });
  const provider = createProvider({
    callTimeoutMs: config.callTimeoutMs,
    streamIdleMs: config.streamIdleMs,
  });
  const spool = await openSpool(join(config.dataDir, 'spool'), log);
  const stage = await openSourceStage(join(config.dataDir, 'sources', worker), store);
  const notices = listen({
    databaseUrl: config.databaseUrl,
    channels: {
      [cancelChannel]: (jobId) => leases.abort(jobId),
      [batchEndedChannel]: (batchId) => deps.batchQueue.poke(batchId),
    },
    onGap: () => undefined, // what was missed is found: a forced cancel by the next heartbeat, a batch by the reconciler
    log,
  });
  const gate = createStartGate({ guard, pools, stopping, log });
  return {
    run: {
      config,
      routes,
      log,
      worker,
      dispatcher,
      leases,
      gate,
      guard,
      provider,
      spool,
      stage,
      store,
      db: records.db,
    },
    upkeep: { config, log, store, stopping, db: records.db },
    batches: { config, routes, dispatcher, store, log, stopping, db: records.db },
    async close() {
      leases.close();
      await notices.close();
      await provider.close();
      await starts.close();
      await stage.close();
    },
  };
}
