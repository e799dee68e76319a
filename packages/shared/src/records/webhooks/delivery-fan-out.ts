/**
 * From events to deliveries. Where it has come to is kept in the statement that makes them, so
 * whatever dies in between, none is lost and none is made twice; the index `deliveries_once` would
 * refuse a second one besides.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

const eventsAStatement = 500;

/**
 * Several may run at a time: they take turns at the cursor's row. Returns how many events were
 * looked at, and deliveries made.
 */
export async function fanOut(db: Database): Promise<{ events: number; deliveries: number }> {
  for (let [events, deliveries] = [0, 0]; ;) {
    const { rows } = await sql<{ events: number; deliveries: number }>`
      with turn as (
        select position from kiln.webhook_cursor for update
      ), news as materialized (
        select event.*, coalesce(job.request_id, batch.request_id, event.id) as request_id, job.webhook, batch.options
        from (
          select * from kiln.events where position > (select position from turn) order by position limit ${eventsAStatement}::int
        ) as event
        left join kiln.jobs job on job.id = event.job_id
        left join kiln.batches batch on batch.id = event.batch_id
      ), addressed as (
        select news.*, endpoint.id as endpoint_id, null as url, endpoint.id as lane
        from news join kiln.webhook_endpoints endpoint on endpoint.project_id = news.project_id
          and endpoint.status = 'enabled' and endpoint.deleted_at is null
          and news.type = any(endpoint.events) and news.created_at >= endpoint.enabled_at
        union all
        select news.*, null, asked.url, news.project_id || ' ' || lower(coalesce(left(substring(asked.url from '^[^/]*//[^/?#]*'), 300), ''))
        from news cross join lateral (
          select coalesce(webhook->>'url', options->>'webhook_url') as url, coalesce(webhook->'events', options->'webhook_events') as events
        ) as asked where asked.url is not null and asked.events ? news.type
      ), made as (
        insert into kiln.deliveries (project_id, endpoint_id, url, lane, event_id, event_type, event_created_at, event_data,
          job_id, batch_id, request_id)
        select project_id, endpoint_id, url, lane, id, type, created_at, data, job_id, batch_id, request_id
        from addressed order by position
        on conflict do nothing returning 1
      ), moved as (
        update kiln.webhook_cursor set position = newest.position
        from (select max(position) as position from news) as newest where newest.position > webhook_cursor.position
      )
      select (select count(*) from news) as events, (select count(*) from made) as deliveries`.execute(
      db,
    );
    const [turn = { events: 0, deliveries: 0 }] = rows;
    events += turn.events;
    deliveries += turn.deliveries;
    if (turn.events < eventsAStatement) return { events, deliveries };
  }
}
