/** The types that the steps of a job share: what they are given and what they return. */
import type { Config } from '../../config.ts';
import type { Routes } from '../../models/routes.ts';
import type { Logger } from '../../logger.ts';
import type { EditSources } from '../../provider/edit-form.ts';
import type { Imaging } from '../../imaging/imaging.ts';
import type { Provider } from '../../provider/provider.ts';
import type { PoolGuard } from '../../quota/pool-guard.ts';
import type { WorkOutcome } from '../../queue/queue-engine.ts';
import type { Ledger } from '../../records/jobs/ledger.ts';
import type { AttemptSummary, Claim } from '../../records/jobs/claims.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { SourceCache } from '../../storage/local/source-cache.ts';
import type { Spool } from '../../storage/local/spool.ts';
import type { Compositor } from '../derivatives/compositor.ts';
import type { Thumbhashes } from '../derivatives/thumbhashes.ts';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Leases } from '../dispatch/leases.ts';
import type { RefusedClaims } from '../refused-claims.ts';
import type { TokenMemory } from '../token-memory.ts';
import type { CallsUnderWay } from './calls-under-way.ts';
import type { LimitReports } from './limit-reports.ts';
import type { StartGate } from './gate/start-gate.ts';

export interface RunDeps {
  config: Config;
  routes: Routes;
  db: Database;
  ledger: Ledger;
  refusedClaims: RefusedClaims;
  log: Logger;
  /** The name of this worker process; it is written on every claim and attempt. */
  worker: string;
  dispatcher: Dispatcher;
  leases: Leases;
  gate: StartGate;
  /** The jobs whose work item has run and whose call goes on. */
  calls: CallsUnderWay;
  guard: PoolGuard;
  limitReports: LimitReports;
  provider: Provider;
  spool: Spool;
  sourceCache: SourceCache;
  thumbhashes: Thumbhashes;
  compositor: Pick<Compositor, 'wake'>;
  /** Turns masks. */
  imaging: Imaging;
  store: ObjectStore;
  tokenMemory: TokenMemory;
}

export type RunOutcome = WorkOutcome;

/** A claimed job, as the steps after the claim see it. */
export interface ClaimedJob {
  claim: Claim;
  job: JobRow & { pool: string };
  /** The deployments of the job's pool that serve its model, in the order of the configuration. */
  deployments: readonly string[];
  /** All of these deployments were paused when the job was claimed. */
  isClosed: boolean;
  attempts: readonly AttemptSummary[];
  /** Its place in the order in which the engine gave jobs to this process. */
  ticket: number;
  /** Call when the job has its start, or gives its slot to a more urgent job. */
  endItem: () => void;
  /** A forced cancel aborts it. */
  signal: AbortSignal;
  log: Logger;
}

/** A call to the provider that was made. */
export interface MadeCall {
  attemptNo: number;
  pool: string;
  deployment: string;
  /** The call probed whether a paused deployment works again. */
  isProbe: boolean;
  /**
   * An answer to it was always to be reported: the pool was watched already when it was started.
   */
  isReported: boolean;
  /** The source pictures that were sent; null for a generation. */
  sources: EditSources | null;
  /** When the call began, by `performance.now()`. */
  startedAtMs: number;
}
