/** Moves waiting jobs to their routes after the configuration has changed. */
import { sql } from 'kysely';
import { anyModel, type Routes } from '../../models/routes.ts';
import { simulatorName } from '../../models/deployment.ts';
import { isWaiting } from './fair-tags.ts';
import type { Database } from '../database/open-records.ts';
import { saveCursor } from '../files/maintenance-cursors.ts';
import { toStorableJson } from '../database/storable-json.ts';

const task = 'routes';

/**
 * The route of a job in this configuration: its own if that still exists, otherwise its model's,
 * limited to the same provider as before.
 */
export function currentRoute({ all, namedModels }: Routes) {
  const [known, named] = [[...all, simulatorName], [...namedModels]];
  return sql<string>`case when route = any(${known}::text[])
    and not (starts_with(route, ${anyModel}) and model = any(${named}::text[])) then route
    else case when model = any(${named}::text[]) then model
      else ${anyModel} end || coalesce(substring(route from '@[a-z]+$'), '') end`;
}

/** Rows in a statement. It takes a second at most, because it blocks other writes to these rows. */
const perStatement = 5_000;
/**
 * How soon to look again at a route whose jobs stay where they are, perhaps because no deployment
 * serves their model or provider.
 */
const lookAgainMs = 60_000;

export interface Rerouter {
  /** Moves waiting jobs to the routes that serve them now, for up to `forMs`. Returns how many. */
  run(forMs: number): Promise<number>;
}

/**
 * Announces the routes of this process. While a configuration is being replaced, processes with the
 * old and the new one write jobs. The newest announcement holds until no process with it was seen
 * for a while.
 */
export async function announceRoutes(db: Database, routes: Routes): Promise<void> {
  await saveCursor(db, task, positionOf(routes));
}

export function createRerouter(db: Database, routes: Routes): Rerouter {
  const position = positionOf(routes);
  const known = [...routes.all, simulatorName];
  const target = currentRoute(routes);
  const lookedAtMs = new Map<string, number>();

  /** Whether this process has the configuration that holds. */
  async function holds(): Promise<boolean> {
    const { rows } = await sql<{ position: string }>`
      with announced as (
        insert into kiln.maintenance_cursors as cursor (task, position)
          values (${task}, ${position})
        on conflict (task) do update set position = excluded.position, updated_at = now()
        where cursor.updated_at < now() - interval '1 minute' * case
          when cursor.position = excluded.position then 1 else 10 end
        returning position
      )
      select coalesce((select position from announced), (select position
        from kiln.maintenance_cursors where task = ${task})) as position`.execute(db);
    return rows[0]?.position === position;
  }

  /** Lists the routes of waiting jobs, each by one step through the index. */
  async function routesThatWait(): Promise<string[]> {
    const { rows } = await sql<{ route: string }>`
      with recursive line as (
        (select route from kiln.jobs where ${isWaiting} order by route limit 1)
        union all
        select (select route from kiln.jobs where jobs.route > line.route and ${isWaiting}
          order by route limit 1)
        from line where line.route is not null)
      select route from line where route is not null`.execute(db);
    return rows.map(({ route }) => route);
  }

  async function leadSome(route: string): Promise<number> {
    const result = await sql`
      update kiln.jobs set route = ${target}
      where id = any(array(
        select id from kiln.jobs where route = ${route} and ${isWaiting} and ${target} <> ${route}
        order by priority, fair_tag, id limit ${sql.lit(perStatement)}
          for update skip locked))`.execute(db);
    return Number(result.numAffectedRows ?? 0);
  }

  return {
    async run(forMs) {
      if (!(await holds())) return 0;
      const endMs = performance.now() + forMs;
      let led = 0;
      for (const route of await routesThatWait()) {
        // Check routes for any model even if they are known: a deployment may name their model now.
        if (known.includes(route) && !route.startsWith(anyModel)) continue;
        if (performance.now() - (lookedAtMs.get(route) ?? Number.NEGATIVE_INFINITY) < lookAgainMs)
          continue;
        for (let some = 1; some > 0; led += some) {
          if (performance.now() > endMs) return led;
          some = await leadSome(route);
        }
        lookedAtMs.set(route, performance.now());
      }
      return led;
    },
  };
}

function positionOf({ all, namedModels }: Routes): string {
  return toStorableJson([all, namedModels]);
}
