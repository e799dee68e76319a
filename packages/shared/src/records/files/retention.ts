/**
 * Deletes by age. Every statement is short, whatever the amount: it takes the oldest rows that an
 * index finds.
 */
import { sql, type RawBuilder } from 'kysely';
import { openBulkActionStatuses } from '../../domain/gallery/bulk-action-state.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';

const longestStatement = 5_000;

/**
 * Deletes events older than `eventDays` and idempotency keys older than `keyHours`; returns how
 * many of each. Bulk actions that ended go with the events, a week later at the earliest.
 */
export async function deleteExpired(
  db: Database,
  limits: { eventDays: number; keyHours: number },
): Promise<{ events: number; keys: number }> {
  await deleteAll(db, oldestDeliveries(limits.eventDays * 24));
  await deleteAll(db, oldestReceivers(limits.eventDays * 24));
  await deleteAll(db, deletedEndpoints);
  await deleteAll(db, oldestBulkActions(limits.eventDays * 24));
  return {
    events: await deleteAll(db, oldestEvents(limits.eventDays * 24)),
    keys: await deleteAll(db, oldestKeys(limits.keyHours)),
  };
}

/**
 * Positions follow time closely enough for this. Events without a position, and those that have not
 * become deliveries yet, stay.
 */
const oldestEvents = (hours: number): RawBuilder<unknown> => sql`
  delete from kiln.events where ctid = any(array(
    select ctid from (
      select ctid, created_at from kiln.events where position <= (select position
        from kiln.webhook_cursor) order by position limit ${longestStatement}::int
    ) as oldest where created_at < now() - ${hours}::float8 * interval '1 hour'))`;

/** Deletes deliveries with their tries. Pending ones stay. */
const oldestDeliveries = (hours: number): RawBuilder<unknown> => sql`
  delete from kiln.deliveries where id = any(array(
    select id from kiln.deliveries where status <> 'pending'
      and created_at < now() - ${hours}::float8 * interval '1 hour'
    order by created_at limit ${longestStatement}::int for update skip locked))`;

/** A receiver without deliveries for this long is unknown again. */
const oldestReceivers = (hours: number): RawBuilder<unknown> => sql`
  delete from kiln.webhook_receivers where ctid = any(array(
    select ctid from kiln.webhook_receivers where updated_at < now() - greatest(168,
      ${hours}::float8) * interval '1 hour'
    order by updated_at limit ${longestStatement}::int for update skip locked))`;

const deletedEndpoints = sql`
  delete from kiln.webhook_endpoints where deleted_at is not null
    and not exists (select from kiln.deliveries where endpoint_id = webhook_endpoints.id)`;

/** Their ids rise with time. A stopped one can be resumed until then. */
const oldestBulkActions = (hours: number): RawBuilder<unknown> => sql`
  delete from kiln.bulk_actions where id = any(array(
    select id from (
      select id, finished_at from kiln.bulk_actions
        where status not in (${literals(openBulkActionStatuses)})
        order by id limit ${longestStatement}::int for update skip locked
    ) as oldest
    where finished_at < now() - greatest(168, ${hours}::float8) * interval '1 hour'))`;

const oldestKeys = (hours: number): RawBuilder<unknown> => sql`
  delete from kiln.idempotency_keys where ctid = any(array(
    select ctid from kiln.idempotency_keys where created_at < now() - ${hours}::float8 *
      interval '1 hour'
    order by created_at limit ${longestStatement}::int for update skip locked))`;

/**
 * Rows that these statements find are never updated again, so a ctid identifies one as well as its
 * key does.
 */
async function deleteAll(db: Database, statement: RawBuilder<unknown>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const result = await statement.execute(db);
    const count = Number(result.numAffectedRows ?? 0);
    deleted += count;
    if (count < longestStatement) return deleted;
  }
}

/** A job whose images are due to be deleted, and their objects. */
export interface AgedResult {
  jobId: string;
  objectKeys: string[];
}

/**
 * Up to `limit` jobs that ended more than `days` ago and still have their images, the earliest
 * first.
 */
export async function listAgedResults(
  db: Database,
  days: number,
  { limit, except }: { limit: number; except: readonly string[] },
): Promise<AgedResult[]> {
  const { rows } = await sql<AgedResult>`
    select id as "jobId", array(select object_key from kiln.images i where i.job_id = jobs.id
      order by i.index) as "objectKeys"
    from kiln.jobs where status = 'succeeded' and results_deleted_at is null
      and finished_at < now() - ${days}::int * interval '1 day'
      and id <> all(${[...except]}::text[])
    order by finished_at limit ${limit}::int`.execute(db);
  return rows;
}

/**
 * Records that the images of these jobs were deleted. Returns how many of the jobs still had theirs
 * in the records.
 */
export async function forgetResults(db: Database, jobIds: readonly string[]): Promise<number> {
  if (jobIds.length === 0) return 0;
  const { rows } = await sql`
    with image as (
      delete from kiln.images where job_id = any(${[...jobIds]}::text[])
    )
    update kiln.jobs set results_deleted_at = clock_timestamp()
    where id = any(${[...jobIds]}::text[]) and results_deleted_at is null returning id`.execute(db);
  return rows.length;
}
