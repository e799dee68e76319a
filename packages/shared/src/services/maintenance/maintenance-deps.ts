/** What a maintenance task needs, and how much one run of it does. */
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

export interface RunBounds {
  /** How often the store is asked in a run, or the records. */
  pages: number;
  /** How much is asked for at a time. */
  pageSize: number;
}

export interface MaintenanceDeps {
  config: Pick<Config, 'keepResultsDays' | 'keepEventsDays' | 'keepFilesDays'>;
  db: Database;
  store: ObjectStore;
  log: Logger;
  /** Ends a run between two of its steps. */
  stopping: AbortSignal;
}
