-- How long the last delivery of a lane took. One that answers slowly is given the places of those
-- that do not answer: a place is what it takes from others, and for how long.
alter table kiln.webhook_lanes add column answer_ms integer not null default 0;

-- As before, and a lane is trusted only while it answers within prompt_ms: its last delivery did,
-- and none is out for longer.
--
-- One that did, while something is out for longer (of a worker that was lost, or stray), has a
-- suspect's places for what it is sent from now on, and never more out than a trusted one: else it
-- would wait for what is slow. Of the places of all suspects a lane takes no more than its own,
-- whatever it was sent while it was trusted, up to of_all_trusted: a few that turn slow leave the
-- others theirs.
drop function kiln.take_due_deliveries(integer, integer, integer, integer, integer, text, integer);
create function kiln.take_due_deliveries(trusted integer, suspect integer, of_all_trusted integer, of_all_suspect integer,
  prompt_ms integer, hand_ms integer, after_lane text, most_lanes integer)
returns table (hands json, lanes integer, last_lane text, looked_at timestamptz) language plpgsql
-- The plan is made once a connection, maybe while the table is empty.
set enable_seqscan = off as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('kiln deliveries', 0));
  looked_at := clock_timestamp();
  return query
    with recursive waiting (lane, place) as (
      -- One look into an index for each lane, whatever it holds and whenever that is due.
      select (select d.lane from kiln.deliveries d where status = 'pending' and lease_expires_at is null and d.lane > after_lane
        order by d.lane limit 1), 1
      union all
      select (select d.lane from kiln.deliveries d where status = 'pending' and lease_expires_at is null and d.lane > waiting.lane
        order by d.lane limit 1), place + 1
      from waiting where waiting.lane is not null and place < most_lanes
    ), sent as (
      select d.lane, count(*)::int as out,
        (count(*) filter (where sending_since < take_due_deliveries.looked_at - prompt_ms * interval '1 millisecond'))::int as slow
      from kiln.deliveries d where status = 'pending' and lease_expires_at is not null group by d.lane
    ), candidate as (
      select lane, coalesce(sent.out, 0) as out, coalesce(sent.slow, 0) as slow,
        coalesce(fared.succeeded_at is not null and fared.failing_since is null and fared.answer_ms <= prompt_ms, false) as was_prompt
      from (select waiting.lane from waiting where waiting.lane is not null union select sent.lane from sent) as named
      left join sent using (lane) left join kiln.webhook_lanes fared using (lane)
    ), known as (
      select lane, out, was_prompt and slow = 0 as is_trusted, case when was_prompt then out - slow else out end as taken from candidate
    ), room as (
      select is_trusted, case when is_trusted then of_all_trusted - sum(out)
        else of_all_suspect - greatest(sum(least(out, suspect)), sum(out) - of_all_trusted) end as places
      from known group by is_trusted
    ), due as (
      select d.id, is_trusted, known.taken + row_number() over (partition by known.lane order by d.next_try_at) as place, d.next_try_at
      from known cross join lateral (
        select id, next_try_at from kiln.deliveries where deliveries.lane = known.lane and status = 'pending' and lease_expires_at is null
          and next_try_at <= take_due_deliveries.looked_at
        order by next_try_at limit greatest(0, least(trusted - known.out, case when is_trusted then trusted else suspect end - known.taken))
      ) as d
    ), ranked as (
      select id, is_trusted, row_number() over (partition by is_trusted order by place, next_try_at) as rank from due
    ), handed as (
      update kiln.deliveries set hand_no = hand_no + 1, lease_expires_at = clock_timestamp() + hand_ms * interval '1 millisecond'
      where id in (
        select id from ranked join room using (is_trusted) where rank <= room.places
      ) returning id, hand_no
    )
    select coalesce((select json_agg(json_build_object('deliveryId', id, 'handNo', hand_no)) from handed), '[]'),
      (select count(*)::int from waiting where waiting.lane is not null), (select max(waiting.lane) from waiting),
      take_due_deliveries.looked_at;
end $$;
