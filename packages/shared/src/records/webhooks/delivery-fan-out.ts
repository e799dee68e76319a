/**
 * Creates deliveries from events. The statement that creates them also moves the cursor, so a
 * process that dies leaves no event without its deliveries and none with duplicates. The unique
 * index `deliveries_once` would reject a duplicate as well.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

/** How many events one statement reads. */
export const eventsPerStatement = 500;

/**
 * Creates the deliveries of all events after the cursor. Several processes may call it at the same
 * time; the lock of the cursor's row makes them run one after the other. Returns how many events
 * were read and how many deliveries were created.
 */
export async function fanOut(
  db: Database,
  limit = eventsPerStatement,
): Promise<{ events: number; deliveries: number }> {
  for (let [events, deliveries] = [0, 0]; ;) {
    const { rows } = await sql<{ events: number; deliveries: number }>`
      with cursor as (
        select position from kiln.webhook_cursor for update
      ), news as materialized (
        select event.*, coalesce(job.request_id, batch.request_id, event.id) as request_id,
          job.webhook, batch.options
        from (
          select * from kiln.events where position > (select position from cursor)
          order by position limit ${limit}::int
        ) as event
        left join kiln.jobs job on job.id = event.job_id
        left join kiln.batches batch on batch.id = event.batch_id
      ), addressed as (
        select news.*, endpoint.id as endpoint_id, null as url, endpoint.id as receiver
        from news join kiln.webhook_endpoints endpoint on endpoint.project_id = news.project_id
          and endpoint.status = 'enabled' and endpoint.deleted_at is null
          and news.type = any(endpoint.events) and news.created_at >= endpoint.enabled_at
        union all
        select news.*, null, asked.url, news.project_id || ' ' ||
          lower(coalesce(left(substring(asked.url from '^[^/]*//[^/?#]*'), 300), ''))
        from news cross join lateral (
          select coalesce(webhook->>'url', options->>'webhook_url') as url,
            coalesce(webhook->'events', options->'webhook_events') as events
        ) as asked where asked.url is not null and asked.events ? news.type
      ), made as (
        insert into kiln.deliveries (project_id, endpoint_id, url, receiver, event_id, event_type,
          event_created_at, event_data, job_id, batch_id, request_id)
        select project_id, endpoint_id, url, receiver, id, type, created_at, data, job_id, batch_id,
          request_id
        from addressed order by position
        on conflict do nothing returning 1
      ), moved as (
        update kiln.webhook_cursor set position = newest.position
        from (select max(position) as position from news) as newest
        where newest.position > webhook_cursor.position
      )
      select (select count(*) from news) as events,
        (select count(*) from made) as deliveries`.execute(db);
    const [step = { events: 0, deliveries: 0 }] = rows;
    events += step.events;
    deliveries += step.deliveries;
    if (step.events < limit) return { events, deliveries };
  }
}

/** The event at which the cursor stands: the next one that becomes deliveries. */
export async function findNextEvent(
  db: Database,
): Promise<{ id: string; position: number } | undefined> {
  const { rows } = await sql<{ id: string; position: number }>`
    select id, position from kiln.events
    where position > (select position from kiln.webhook_cursor)
    order by position limit 1`.execute(db);
  return rows[0];
}

/** Moves the cursor past an event that makes no deliveries. Another process may have done so. */
export async function skipEvent(db: Database, position: number): Promise<void> {
  await sql`
    update kiln.webhook_cursor set position = ${position}::bigint
    where position < ${position}::bigint`.execute(db);
}
