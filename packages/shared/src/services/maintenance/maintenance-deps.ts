/** The dependencies of maintenance tasks, and the bounds of one run. */
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Compositor } from '../derivatives/compositor.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

export interface RunBounds {
  /** Pages that a run reads from the store or the records. */
  pages: number;
  /** Entries in a page. */
  pageSize: number;
}

export interface MaintenanceDeps {
  config: Pick<Config, 'keepResultsDays' | 'keepEventsDays' | 'keepFilesDays' | 'trashDays'>;
  db: Database;
  store: ObjectStore;
  log: Logger;
  /** Aborted at shutdown: a run then ends after its current step. */
  stopping: AbortSignal;
}

/** What all tasks together need. */
export interface ScheduledDeps extends MaintenanceDeps {
  compositor: Pick<Compositor, 'run'>;
}
