/** Dependencies of the use cases of the gallery. */
import type { Config } from '../../config.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { BatchLimits } from '../batches/batch-limits.ts';
import type { JobSearches } from '../jobs/job-searches.ts';

export interface GalleryDeps {
  config: Pick<Config, 'trashDays'>;
  db: Database;
  store: ObjectStore;
  searches: JobSearches;
  /** Archives and tables of the gallery share the slots of those of batches. */
  limits: Pick<BatchLimits, 'archives' | 'tables'>;
}
