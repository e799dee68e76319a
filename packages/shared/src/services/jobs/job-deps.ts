/** Dependencies of the use cases of jobs, and the result of a submission. */
import type { Config } from '../../config.ts';
import type { Routes } from '../../models/routes.ts';
import type { JobIntake } from '../../records/jobs/job-intake.ts';
import type { Job } from '../../schemas/job.ts';
import type { Logger } from '../../logger.ts';
import type { Backlog } from '../dispatch/backlog.ts';
import type { CallSpans } from '../dispatch/call-times.ts';
import type { PictureDeps } from '../files/check-picture-file.ts';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { TokenMemory } from '../token-memory.ts';
import type { JobSearches } from './job-searches.ts';
import type { JobWaits } from './job-waits.ts';
import type { WebhookDeps } from '../webhooks/webhook-deps.ts';

export interface JobDeps extends PictureDeps, WebhookDeps {
  config: Config;
  routes: Routes;
  intake: JobIntake;
  dispatcher: Dispatcher;
  backlog: Backlog;
  callSpans: CallSpans;
  waits: JobWaits;
  searches: JobSearches;
  tokenMemory: TokenMemory;
  log: Logger;
}

export type Submission = { status: 'created' | 'replayed'; job: Job };
