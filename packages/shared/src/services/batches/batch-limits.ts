/** The limits of the requests that read a whole file or a whole batch, in one API process. */
import { createWorkLimiter, type WorkLimiter } from '../work-limiter.ts';

export interface BatchLimits {
  validations: WorkLimiter;
  /** The manifest, and the rows without pictures. */
  tables: WorkLimiter;
  archives: WorkLimiter;
}

/** @param atATime of each kind */
export function createBatchLimits(atATime: number): BatchLimits {
  return {
    validations: createWorkLimiter(
      { code: 'validations_busy', what: 'validations', retryAfterMs: 2_000 },
      atATime,
    ),
    tables: createWorkLimiter(
      { code: 'tables_busy', what: 'manifests or tables of failed rows', retryAfterMs: 2_000 },
      atATime,
    ),
    archives: createWorkLimiter(
      { code: 'archives_busy', what: 'archives', retryAfterMs: 10_000 },
      atATime,
    ),
  };
}
