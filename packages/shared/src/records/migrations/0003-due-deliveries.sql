-- `kiln.take_due_deliveries` as before, but it searches by receiver and time together, which only
-- the index deliveries_waiting serves. Without statistics, for instance soon after many deliveries
-- were created, the planner used deliveries_next: it read every due delivery once for each
-- receiver, and with 10,000 waiting receivers ran into the time limit of statements.
create or replace function kiln.take_due_deliveries(prompt_slots integer, slow_slots integer,
  all_prompt_slots integer, all_slow_slots integer,
  prompt_ms integer, dispatch_ms integer)
returns table (dispatches json, looked_at timestamptz) language plpgsql
-- A connection plans the statement once, maybe while the table is still empty.
set enable_seqscan = off as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('kiln deliveries', 0));
  looked_at := clock_timestamp();
  return query
    with recursive waiting (receiver) as (
      -- One index lookup for each receiver, however many deliveries it has and whenever they are
      -- due.
      select (select d.receiver from kiln.deliveries d where status = 'pending'
        and lease_expires_at is null
        order by d.receiver limit 1)
      union all
      select (select d.receiver from kiln.deliveries d where status = 'pending'
        and lease_expires_at is null
        and d.receiver > waiting.receiver order by d.receiver limit 1)
      from waiting where waiting.receiver is not null
    ), busy as (
      select d.receiver, count(*)::int as out,
        (count(*) filter (where sending_since < take_due_deliveries.looked_at - prompt_ms *
          interval '1 millisecond'))::int as late
      from kiln.deliveries d where status = 'pending' and lease_expires_at is not null
        group by d.receiver
    ), known as (
      select receiver, coalesce(out, 0) as out, coalesce(late, 0) as late,
        coalesce(failing_since is null and answer_ms <= prompt_ms, false) as was_prompt
      from (select waiting.receiver from waiting where waiting.receiver is not null
        union select busy.receiver from busy) as named
      left join busy using (receiver) left join kiln.webhook_receivers using (receiver)
    ), judged as (
      select *, was_prompt and late = 0 as is_prompt,
        case when was_prompt and late = 0 then prompt_slots else slow_slots end as slots
      from known
    ), free as (
      select is_prompt, case when is_prompt then all_prompt_slots - sum(out)
        else all_slow_slots - greatest(sum(least(out, slots)), sum(out) - all_prompt_slots)
        end as slots
      from judged group by is_prompt
    ), due as (
      select d.id, is_prompt, slots - unused + row_number() over (partition by receiver
        order by d.next_try_at) as slot, d.next_try_at
      from judged
      cross join lateral (
        select greatest(0, least(prompt_slots, slots + case when was_prompt then late else 0 end) -
          out) as unused
      ) as its
      cross join lateral (
        select id, next_try_at from kiln.deliveries
        where status = 'pending' and lease_expires_at is null
          and (deliveries.receiver, next_try_at) >= (judged.receiver, '-infinity')
          and (deliveries.receiver, next_try_at)
            <= (judged.receiver, take_due_deliveries.looked_at)
        order by deliveries.receiver, next_try_at limit unused
      ) as d
    ), ranked as (
      select id, is_prompt, row_number() over (partition by is_prompt
        order by slot, next_try_at) as rank from due
    ), dispatched as (
      update kiln.deliveries set dispatch_no = dispatch_no + 1, lease_expires_at = clock_timestamp()
        + dispatch_ms * interval '1 millisecond'
      where id in (
        select id from ranked join free using (is_prompt) where rank <= free.slots
      )
      -- It may have been failed since this statement began to read.
      and status <> 'failed'
      returning id, dispatch_no
    )
    select coalesce((select json_agg(json_build_object('deliveryId', id, 'dispatchNo', dispatch_no))
      from dispatched), '[]'),
      take_due_deliveries.looked_at;
end $$;
