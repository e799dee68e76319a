/** Wakes the pools that may take a job. */
import type { Routes } from '../../models/routes.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Dispatcher } from './dispatch.ts';

export function wakePoolsOf(
  { routes, dispatcher }: { routes: Routes; dispatcher: Dispatcher },
  row: Pick<JobRow, 'route'>,
): void {
  for (const pool of routes.poolsOf(row.route)) dispatcher.wake(pool);
}
