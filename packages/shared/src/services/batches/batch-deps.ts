/** Dependencies of the use-cases of batches. */
import type { Config } from '../../config.ts';
import type { Routes } from '../../models/routes.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Logger } from '../../logger.ts';
import type { Backlog } from '../dispatch/backlog.ts';
import type { CallSpans } from '../dispatch/call-times.ts';
import type { JobSearches } from '../jobs/job-searches.ts';
import type { PictureDeps } from '../files/check-picture-file.ts';
import type { WebhookDeps } from '../webhooks/webhook-deps.ts';
import type { TokenMemory } from '../token-memory.ts';
import type { BatchLimits } from './batch-limits.ts';
import type { BatchQueue } from './batch-queue.ts';
import type { RecentPaces } from './recent-paces.ts';
import type { RowCounter } from './rows/count-rows.ts';
import type { UnzipLimiter } from './input/unzip-limiter.ts';

export interface BatchDeps extends PictureDeps, WebhookDeps {
  config: Config;
  routes: Routes;
  store: ObjectStore;
  log: Logger;
  backlog: Backlog;
  callSpans: CallSpans;
  recentPaces: RecentPaces;
  searches: JobSearches;
  tokenMemory: TokenMemory;
  queue: BatchQueue;
  unzipLimiter: UnzipLimiter;
  limits: BatchLimits;
  rowCounter: RowCounter;
}
