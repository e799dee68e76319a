/** Checks at the start of a process that the database allows as many connections as Kiln opens. */
import type { Pool } from 'pg';

export interface ConnectionNeeds {
  /** The most that one API process opens. */
  api: number;
  /** The most that one worker process opens. */
  worker: number;
}

interface Limits {
  role: string;
  database: string;
  server: number;
  reserved: number;
  /** -1: no limit, as for superusers. */
  role_limit: number;
  database_limit: number;
  others: number;
}

export interface ConnectionReport {
  /** Connections that Kiln's role may have. */
  allowed: number;
  /** Connections that are open now, Kiln's other processes included. */
  open: number;
}

/**
 * Throws one sentence that says what to change when the database does not allow the connections of
 * one API process and one worker process together: less is not a whole Kiln.
 */
export async function checkConnections(
  pool: Pool,
  needs: ConnectionNeeds,
): Promise<ConnectionReport> {
  const { rows } = await pool.query<Limits>(`
    select current_user as role, current_database() as database,
      current_setting('max_connections')::int as server,
      current_setting('superuser_reserved_connections')::int +
        coalesce(current_setting('reserved_connections', true)::int, 0) as reserved,
      case when rolsuper then -1 else rolconnlimit end as role_limit,
      case when rolsuper then -1 else datconnlimit end as database_limit,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend'
        and pid <> pg_backend_pid()) as others
      from pg_roles, pg_database
      where rolname = current_user and datname = current_database()`);
  const [limits] = rows;
  if (limits === undefined)
    throw new Error('the database did not say how many connections it allows');
  const refusal = refuseConnections(limits, needs);
  if (refusal !== null) throw new Error(refusal);
  return { allowed: allowedBy(limits), open: limits.others };
}

function allowedBy({ server, reserved, role_limit, database_limit }: Limits): number {
  return Math.min(server - reserved, ...[role_limit, database_limit].filter((limit) => limit >= 0));
}

/** One sentence, or null where the limits suffice. */
export function refuseConnections(limits: Limits, needs: ConnectionNeeds): string | null {
  const needed = needs.api + needs.worker;
  const allowed = allowedBy(limits);
  if (allowed >= needed) return null;
  const { role, database, server, reserved, role_limit, database_limit } = limits;
  const remedies = [
    ...(server - reserved < needed
      ? [
          `set max_connections to ${needed + reserved} or more (it is ${server}, ${reserved} ` +
            'of them reserved)',
        ]
      : []),
    ...(role_limit >= 0 && role_limit < needed
      ? [`alter role "${role}" connection limit ${needed} or more (it is ${role_limit})`]
      : []),
    ...(database_limit >= 0 && database_limit < needed
      ? [
          `alter database "${database}" connection limit ${needed} or more (it is ` +
            `${database_limit})`,
        ]
      : []),
  ];
  return (
    `PostgreSQL at DATABASE_URL allows Kiln ${allowed} connections, and Kiln needs ${needed}: ` +
    `up to ${needs.api} for each API process and ${needs.worker} for each worker process; ` +
    remedies.join('; ')
  );
}
