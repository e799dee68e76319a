/**
 * Rows of deliveries, for the API: find, list, redeliver, and create a test delivery. How a
 * delivery gets to a worker and back is in `delivery-dispatches.ts`.
 */
import { sql, type Selectable } from 'kysely';
import { deliveryStatusesBefore, type DeliveryStatus } from '../../domain/delivery-state.ts';
import type { EventData } from '../../schemas/event.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';

/**
 * Channel that wakes the delivery dispatchers for changes without an event: a test delivery, a
 * redelivery, an endpoint that was changed or deleted.
 */
export const deliveriesChannel = 'kiln_deliveries';

export async function notifyDispatchers(db: Database): Promise<void> {
  await sql`select pg_notify(${deliveriesChannel}, '')`.execute(db);
}

export type DeliveryRow = Selectable<Schema['kiln.deliveries']> & {
  /** The delivery's own URL, or the current URL of its endpoint. */
  goes_to: string;
};

export type TryRow = Selectable<Schema['kiln.delivery_tries']>;

export interface DeliveryFilter {
  endpoint_id?: string | undefined;
  event_id?: string | undefined;
  status?: DeliveryStatus | undefined;
  after?: string | undefined;
  limit: number;
}

function deliveries(db: Database, projectId: string) {
  return db
    .selectFrom('kiln.deliveries as delivery')
    .leftJoin('kiln.webhook_endpoints as endpoint', 'endpoint.id', 'delivery.endpoint_id')
    .selectAll('delivery')
    .select(sql<string>`coalesce(delivery.url, endpoint.url)`.as('goes_to'))
    .where('delivery.project_id', '=', projectId);
}

export function findDelivery(
  db: Database,
  projectId: string,
  id: string,
): Promise<DeliveryRow | undefined> {
  return deliveries(db, projectId).where('delivery.id', '=', id).executeTakeFirst();
}

/** Newest first. Returns one row more than `limit` if there are more. */
export function listDeliveries(
  db: Database,
  projectId: string,
  filter: DeliveryFilter,
): Promise<DeliveryRow[]> {
  let query = deliveries(db, projectId)
    .orderBy('delivery.id', 'desc')
    .limit(filter.limit + 1);
  if (filter.endpoint_id !== undefined)
    query = query.where('delivery.endpoint_id', '=', filter.endpoint_id);
  if (filter.event_id !== undefined) query = query.where('delivery.event_id', '=', filter.event_id);
  if (filter.status !== undefined) query = query.where('delivery.status', '=', filter.status);
  if (filter.after !== undefined) query = query.where('delivery.id', '<', filter.after);
  return query.execute();
}

/** The last hundred tries of a delivery, oldest first. Redeliveries may lead to more. */
export async function listTries(db: Database, deliveryId: string): Promise<TryRow[]> {
  const newest = await db
    .selectFrom('kiln.delivery_tries')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .orderBy('no', 'desc')
    .limit(100)
    .execute();
  return newest.toReversed();
}

/** Restarts the schedule of a delivery, with the first try at once. */
const restart = sql`status = 'pending', failure = null, finished_at = null, tries_of_run = 0,
  next_try_at = clock_timestamp(), lease_expires_at = null, sending_since = null`;
/** A delivery that a worker is sending is left alone. */
const mayRestart = sql`status = any(${deliveryStatusesBefore('pending')}::text[])
  and lease_expires_at is null`;

/** Schedules a delivery again. Returns false while a worker is sending it. */
export async function redeliver(db: Database, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.deliveries set ${restart} where id = ${id} and ${mayRestart}`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

const rowsPerStatement = 1_000;

/**
 * Schedules all failed deliveries of an endpoint again that were created since then. Returns their
 * number.
 */
export async function redeliverFailed(
  db: Database,
  endpointId: string,
  sinceSeconds: number,
): Promise<number> {
  for (let count = 0; ;) {
    const { numAffectedRows } = await sql`
      update kiln.deliveries set ${restart} where id in (
        select id from kiln.deliveries where endpoint_id = ${endpointId} and status = 'failed'
          and created_at >= to_timestamp(${sinceSeconds}::float8)
        order by id limit ${rowsPerStatement}::int for update skip locked)
        and ${mayRestart}`.execute(db);
    const restarted = Number(numAffectedRows ?? 0);
    count += restarted;
    if (restarted < rowsPerStatement) return count;
  }
}

/** Creates the delivery of a test event, which goes to this endpoint only. Returns its id. */
export async function insertTestDelivery(
  db: Database,
  test: {
    endpointId: string;
    projectId: string;
    requestId: string;
    event: { id: string; type: string; createdAt: Date; data: EventData };
  },
): Promise<string> {
  const { event } = test;
  const { rows } = await sql<{ id: string }>`
    insert into kiln.deliveries (project_id, endpoint_id, receiver, event_id, event_type,
      event_created_at, event_data, request_id)
    values (${test.projectId}, ${test.endpointId}, ${test.endpointId}, ${event.id}, ${event.type},
      ${event.createdAt}::timestamptz, ${toStorableJson(event.data)}::jsonb, ${test.requestId})
    returning id`.execute(db);
  return rows[0]?.id ?? '';
}
