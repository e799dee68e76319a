/**
 * A job in a worker's hands: what its steps are given and what they may answer.
 */
import type { Config } from '../../config.ts';
import type { Routes } from '../../models/routes.ts';
import type { Logger } from '../../logger.ts';
import type { Provider } from '../../provider/provider.ts';
import type { PoolGuard } from '../../quota/pool-guard.ts';
import type { WorkOutcome } from '../../queue/queue-engine.ts';
import type { AttemptSummary, Claim } from '../../records/jobs/claims.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { SourceCache } from '../../storage/local/source-cache.ts';
import type { Spool } from '../../storage/local/spool.ts';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Leases } from '../dispatch/leases.ts';
import type { StartGate } from './start-gate.ts';

export interface RunDeps {
  config: Config;
  routes: Routes;
  db: Database;
  log: Logger;
  /** The name of this worker process, on every claim and attempt. */
  worker: string;
  dispatcher: Dispatcher;
  leases: Leases;
  gate: StartGate;
  guard: PoolGuard;
  provider: Provider;
  spool: Spool;
  sourceCache: SourceCache;
  store: ObjectStore;
}

export type RunOutcome = WorkOutcome;

/** A job under way, as the steps after the claim see it. */
export interface ClaimedJob {
  claim: Claim;
  job: JobRow & { pool: string };
  /**
   * The deployments of the job's pool that it may be called at, in the order of the configuration.
   */
  deployments: readonly string[];
  /** All of these were paused when it was claimed. */
  isClosed: boolean;
  attempts: readonly AttemptSummary[];
  /** Aborted by a forced cancel. */
  signal: AbortSignal;
  log: Logger;
}

/** A call to the provider. */
export interface MadeCall {
  attemptNo: number;
  pool: string;
  deployment: string;
  /** It tried whether a paused deployment works again. */
  isProbe: boolean;
  /** By `performance.now()`. */
  startedAtMs: number;
}
