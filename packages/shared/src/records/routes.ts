/** Routes of jobs after the configuration has changed. */
import { sql } from 'kysely';
import { simulatorName } from '../domain/deployment.ts';
import type { Routes } from '../domain/routes.ts';
import type { Records } from './open-records.ts';
import { patiently } from './patiently.ts';
import { readCursor, saveCursor } from './upkeep-cursors.ts';

const task = 'routes';

/** The route of a job, as this configuration has it: its own, or where that is no more, the one of its model. */
export function currentRoute({ all, namedModels }: Routes) {
  const [known, named] = [[...all, simulatorName], [...namedModels]];
  return sql<string>`case when route = any(${known}::text[]) and not (route = '*' and model = any(${named}::text[])) then route
    when model = any(${named}::text[]) then model else '*' end`;
}

/** Leads jobs that have not ended to where they are served now. Reads them only when the routes have changed since it last did. */
export async function reroute({ db, pool }: Records, routes: Routes): Promise<void> {
  const position = JSON.stringify([routes.all, routes.namedModels]);
  if ((await readCursor(db, task)) === position) return;
  const route = currentRoute(routes);
  const { sql: text, parameters } = sql`
    update kiln.jobs set route = ${route}
    where status in ('queued', 'in_progress', 'held') and route <> ${route}`.compile(db);
  await patiently(pool, (run) => run(text, [...parameters]));
  await saveCursor(db, task, position);
}
