/** Dependencies of the steps that advance a batch. */
import type { Config } from '../../../config.ts';
import type { Routes } from '../../../models/routes.ts';
import type { Logger } from '../../../logger.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { RefusedClaims } from '../../refused-claims.ts';
import type { TokenMemory } from '../../token-memory.ts';
import type { Dispatcher } from '../../dispatch/dispatch.ts';

export interface BatchWorkDeps {
  config: Config;
  routes: Routes;
  db: Database;
  store: ObjectStore;
  dispatcher: Dispatcher;
  tokenMemory: TokenMemory;
  refusedClaims: RefusedClaims;
  log: Logger;
  /** Aborted when the process stops; the work ends between two steps. */
  stopping: AbortSignal;
}

export interface StepDeps extends BatchWorkDeps {
  /**
   * Aborted when the process stops, or when the batch is cancelled, paused or otherwise changed.
   */
  interrupted: AbortSignal;
}
