/** Builds the dependencies of the API from what the process has opened. */
import { createApiKeys } from '@kiln/shared/access/api-keys';
import type { Deps } from '@kiln/shared/deps';
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { listen, listenTogether } from '@kiln/shared/records/database/notifications';
import { createSessionDeps, type SessionDeps } from '@kiln/shared/services/access/sessions';
import { createBacklog } from '@kiln/shared/services/dispatch/backlog';
import { createCallSpans } from '@kiln/shared/services/dispatch/call-times';
import {
  createDownloadLinks,
  type DownloadLinks,
} from '@kiln/shared/services/files/download-links';
import { createEventReader } from '@kiln/shared/services/events/event-reader';
import type { EventDeps } from '@kiln/shared/services/events/event-streams';
import type { HealthDeps } from '@kiln/shared/services/health';
import type { GalleryDeps } from '@kiln/shared/services/gallery/gallery-deps';
import { createJobSearches } from '@kiln/shared/services/jobs/job-searches';
import { createJobWaits } from '@kiln/shared/services/jobs/job-waits';
import type { QueueDeps } from '@kiln/shared/services/dispatch/next-jobs';
import {
  createPoolActivities,
  type PoolActivities,
} from '@kiln/shared/services/dispatch/pool-activity';
import type { PoolSwitchDeps } from '@kiln/shared/services/dispatch/pool-switch';
import type { ThumbnailDeps } from '@kiln/shared/services/jobs/thumbnails';
import type { UploadDeps } from '@kiln/shared/services/files/upload-file';
import type { WebhookDeps } from '@kiln/shared/services/webhooks/webhook-deps';
import type { JobDeps } from '@kiln/shared/services/jobs/job-deps';
import type { BulkActionDeps } from '@kiln/shared/services/bulk-actions/bulk-actions';
import type { BatchDeps } from '@kiln/shared/services/batches/batch-deps';
import { createUnzipLimiter } from '@kiln/shared/services/batches/input/unzip-limiter';
import { createBatchLimits } from '@kiln/shared/services/batches/batch-limits';
import { createRecentPaces } from '@kiln/shared/services/batches/recent-paces';
import { createRowCounter } from '@kiln/shared/services/batches/rows/count-rows';
import { studioFolder } from './studio/serve-studio.ts';

export interface ApiDeps {
  jobs: JobDeps;
  images: ThumbnailDeps;
  files: UploadDeps;
  links: DownloadLinks;
  batches: BatchDeps;
  bulkActions: BulkActionDeps;
  gallery: GalleryDeps;
  events: EventDeps;
  pools: PoolSwitchDeps;
  sessions: SessionDeps;
  queue: QueueDeps;
  activities: PoolActivities;
  webhooks: WebhookDeps;
  health: HealthDeps;
  /** The folder of the built studio; null: it is off. */
  studioFolder: string | null;
  /** Aborts when the process is asked to stop: waits end, and readiness is false. */
  stopping: AbortSignal;
  close(): Promise<void>;
}

export function createApiDeps(deps: Deps, stopping: AbortSignal): ApiDeps {
  const {
    config,
    pools,
    routes,
    dispatcher,
    batchQueue,
    records,
    store,
    imaging,
    engine,
    sequencer,
    egress,
    tokenMemory,
    log,
  } = deps;
  const reader = createEventReader({ db: records.db, log });
  const waits = createJobWaits(reader);
  const searches = createJobSearches({
    databaseUrl: config.databaseUrl,
    pool: records.pool,
    statementTimeoutMs: deps.statementTimeoutMs,
    log,
  });
  const notifications = listen({
    ...listenTogether([waits.listener, reader.listener]),
    databaseUrl: config.databaseUrl,
    log,
  });
  const backlog = createBacklog(records.db, pools, routes);
  const callSpans = createCallSpans(records.db);
  const limits = createBatchLimits(config.heavyRequests);
  const batches: BatchDeps = {
    config,
    routes,
    store,
    imaging,
    egress,
    log,
    backlog,
    callSpans,
    recentPaces: createRecentPaces(records.db),
    searches,
    tokenMemory,
    db: records.db,
    queue: batchQueue,
    unzipLimiter: createUnzipLimiter(),
    limits,
    rowCounter: createRowCounter(records.db),
  };
  return {
    jobs: {
      config,
      routes,
      dispatcher,
      waits,
      searches,
      tokenMemory,
      db: records.db,
      intake: createJobIntake(records.db, routes),
      backlog,
      callSpans,
      store,
      imaging,
      egress,
      log,
    },
    images: { db: records.db, store, imaging, making: new Map() },
    files: { config, store, imaging, log, db: records.db },
    links: createDownloadLinks(store, config.signedUrls, log),
    batches,
    bulkActions: { batches, db: records.db },
    gallery: { config, store, searches, limits, db: records.db },
    events: { config, reader, sequencer, db: records.db },
    pools: { database: records.pool, backlog, dispatcher },
    sessions: createSessionDeps(records.db, createApiKeys(config.apiKeys)),
    queue: { pools, routes, db: records.db },
    activities: createPoolActivities(
      records.db,
      pools.map(({ name }) => name),
    ),
    webhooks: { egress, db: records.db },
    health: { db: records.db, engine },
    studioFolder: config.studio ? studioFolder : null,
    stopping,
    async close() {
      waits.close();
      await notifications.close();
      await reader.close();
      await searches.close();
    },
  };
}
