/**
 * Rows of webhook endpoints and of the projects' signing secrets. A secret leaves this file for two
 * purposes: to sign a delivery, and to appear once in the answer that created or rotated it.
 */
import { sql, type Selectable } from 'kysely';
import { mostSecrets, rotationHours } from '../../domain/delivery-schedule.ts';
import { retryWhileUnavailable } from '../database/availability.ts';
import {
  claimKey,
  resolveUsedKey,
  type CreateOutcome,
  type KeyedRequest,
} from '../idempotency-keys.ts';
import { writeEvents } from '../events/write-events.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';

export type EndpointRow = Selectable<Schema['kiln.webhook_endpoints']> & {
  /** Every delivery to the endpoint since then has failed. */
  failing_since: Date | null;
};

/** Columns of a new endpoint. */
export type NewEndpoint = Pick<
  EndpointRow,
  'id' | 'project_id' | 'url' | 'events' | 'description' | 'secret' | 'created_at'
>;

/** Creates an endpoint, unless the project already has `maxEndpoints`. */
export function insertEndpoint<Answer extends { id: string }>(
  db: Database,
  row: NewEndpoint,
  maxEndpoints: number,
  keyed: KeyedRequest<Answer> | null,
): Promise<CreateOutcome<Answer> | { status: 'too_many' }> {
  return retryWhileUnavailable(() =>
    db.transaction().execute(async (transaction) => {
      const lock = `${row.project_id} webhook_endpoints`;
      await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(transaction);
      const used = keyed === null ? null : await resolveUsedKey(transaction, row.project_id, keyed);
      if (used !== null && used.status !== 'in_flight') return used;
      const { count } = await transaction
        .selectFrom('kiln.webhook_endpoints')
        .select(sql<number>`count(*)`.as('count'))
        .where('project_id', '=', row.project_id)
        .where('deleted_at', 'is', null)
        // An earlier attempt of this call may have written the row and lost the answer.
        .where('id', '<>', row.id)
        .executeTakeFirstOrThrow();
      if (count >= maxEndpoints) return { status: 'too_many' };
      const claimed = keyed === null ? sql`select` : claimKey(row.project_id, keyed, 200);
      const { rows } = await sql`
        with claimed as (${claimed})
        insert into kiln.webhook_endpoints
          (id, project_id, url, events, description, secret, created_at)
        select ${row.id}, ${row.project_id}, ${row.url}, ${row.events}::text[],
          ${row.description}, ${row.secret}, ${row.created_at}::timestamptz
        from claimed on conflict (id) do nothing returning id`.execute(transaction);
      return rows.length > 0 || keyed === null ? { status: 'created' } : { status: 'in_flight' };
    }),
  );
}

export function findEndpoint(
  db: Database,
  projectId: string,
  id: string,
): Promise<EndpointRow | undefined> {
  return endpoints(db, projectId).where('webhook_endpoints.id', '=', id).executeTakeFirst();
}

/** Newest first. Returns one row more than `limit` if there are more. */
export function listEndpoints(
  db: Database,
  projectId: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<EndpointRow[]> {
  let query = endpoints(db, projectId)
    .orderBy('webhook_endpoints.id', 'desc')
    .limit(limit + 1);
  if (after !== undefined) query = query.where('webhook_endpoints.id', '<', after);
  return query.execute();
}

function endpoints(db: Database, projectId: string) {
  return db
    .selectFrom('kiln.webhook_endpoints as webhook_endpoints')
    .leftJoin('kiln.webhook_receivers as history', 'history.receiver', 'webhook_endpoints.id')
    .selectAll('webhook_endpoints')
    .select('history.failing_since')
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null);
}

export interface EndpointChange {
  url?: string | undefined;
  events?: string[] | undefined;
  description?: string | null | undefined;
  status?: 'enabled' | 'disabled' | undefined;
}

/**
 * Changes an endpoint. Enabling it also resets `failing_since`. Returns false if the endpoint does
 * not exist.
 */
export async function updateEndpoint(
  db: Database,
  projectId: string,
  id: string,
  change: EndpointChange,
): Promise<boolean> {
  const { url, events, description, status } = change;
  const isEnabled = sql`status = 'disabled' and ${status ?? null}::text = 'enabled'`;
  const isDisabled = sql`status = 'enabled' and ${status ?? null}::text = 'disabled'`;
  const { rows } = await sql`
    with endpoint as (
      update kiln.webhook_endpoints set url = coalesce(${url ?? null}, url),
        events = coalesce(${events ?? null}::text[], events),
        description = case when ${description === undefined} then description
          else ${description ?? null} end,
        enabled_at = case when ${isEnabled} then clock_timestamp() else enabled_at end,
        disabled_at = case when ${isEnabled} then null when ${isDisabled} then clock_timestamp()
          else disabled_at end,
        disabled_reason = case when ${isEnabled} then null when ${isDisabled} then 'requested'
          else disabled_reason end,
        status = coalesce(${status ?? null}, status)
      where id = ${id} and project_id = ${projectId} and deleted_at is null returning id, status
    ), forgiven as (
      update kiln.webhook_receivers set failing_since = null, updated_at = now()
      from endpoint where receiver = endpoint.id and ${status ?? null}::text = 'enabled'
        and failing_since is not null
    )
    select id from endpoint`.execute(db);
  return rows.length > 0;
}

/**
 * Deletes an endpoint and erases its secrets. The row itself stays until its deliveries are
 * deleted. Returns false if the endpoint does not exist.
 */
export async function deleteEndpoint(
  db: Database,
  projectId: string,
  id: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.webhook_endpoints
    set deleted_at = clock_timestamp(), secret = null, previous_secrets = '[]'
    where id = ${id} and project_id = ${projectId} and deleted_at is null`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

/**
 * Disables an endpoint because of its receiver's answers, and writes the event
 * `webhook_endpoint.disabled`. Returns false if it was disabled before.
 */
export async function disableEndpoint(
  db: Database,
  id: string,
  reason: 'gone' | 'failing',
): Promise<boolean> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with endpoint as (
      update kiln.webhook_endpoints
      set status = 'disabled', disabled_at = clock_timestamp(), disabled_reason = ${reason}
      where id = ${id} and status = 'enabled' and deleted_at is null returning id, project_id
    ), event as (${insert.endpointDisabled(reason)})
    select id from endpoint`,
  );
  return rows.length > 0;
}

/** The replaced secret signs for another day; earlier ones keep their remaining time. */
const rotation = (known: string, secret: string) => sql`
  secret = ${secret}, previous_secrets = kiln.retire_secret(${sql.ref(`${known}.secret`)},
    ${sql.ref(`${known}.previous_secrets`)}, ${rotationHours}::int, ${mostSecrets - 1}::int)`;

/** Returns false if the endpoint does not exist. */
export async function rotateEndpointSecret(
  db: Database,
  projectId: string,
  id: string,
  secret: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.webhook_endpoints set ${rotation('webhook_endpoints', secret)}
    where id = ${id} and project_id = ${projectId} and deleted_at is null`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

export type SecretRow = Selectable<Schema['kiln.webhook_secrets']>;

export function findProjectSecret(db: Database, projectId: string): Promise<SecretRow | undefined> {
  return db
    .selectFrom('kiln.webhook_secrets')
    .selectAll()
    .where('project_id', '=', projectId)
    .executeTakeFirst();
}

/** Creates the project's secret, or replaces it. */
export async function rotateProjectSecret(
  db: Database,
  projectId: string,
  secret: string,
): Promise<SecretRow> {
  const { rows } = await sql<SecretRow>`
    insert into kiln.webhook_secrets as webhook_secrets (project_id, secret)
    values (${projectId}, ${secret})
    on conflict (project_id) do update
      set ${rotation('webhook_secrets', secret)}, rotated_at = clock_timestamp()
    returning *`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the insert of the project secret returned no row');
  return row;
}
