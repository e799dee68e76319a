-- What calls were billed, for the estimates of later ones (records/jobs/learnt-tokens.ts). It
-- replaces kiln.input_image_tokens, which only processes of an earlier release still use.
create table kiln.learnt_tokens (
  provider text not null,
  model text not null,
  meter text not null check (meter in ('output', 'source', 'svg')),
  -- Tells apart the requests of a model that are billed differently, such as '1024x1024 high'.
  variant text not null,
  mean double precision not null,
  -- How many calls were counted, up to the number that the mean covers.
  calls integer not null,
  primary key (provider, model, meter, variant)
);
comment on table kiln.learnt_tokens is
  'Means of what providers billed, which estimates use (models/cost/learnt-tokens.ts).';

-- What an estimate rests on: 'published', 'inferred' or 'learnt from 214 calls'.
alter table kiln.jobs add column cost_basis text;
alter table kiln.batches add column cost_basis text;

-- The second meter of an SVG document, as the provider sent it.
alter table kiln.jobs add column svg_usage jsonb;
alter table kiln.attempts add column svg_usage jsonb;

-- The data of a batch's event: the same counts and cost as in its API object.
create or replace function kiln.batch_event_data(batch kiln.batches) returns jsonb
  language sql stable as $$
  with row as (
    select coalesce(batch.row_count, 0) as total, batch.failed_count + batch.expired_count
      + batch.invalid_count as failed
  ), counts as (
    select total, failed, case when batch.status = 'cancelled' then greatest(batch.cancelled_count,
      total - batch.completed_count - failed)
      else batch.cancelled_count end as cancelled from row
  )
  select jsonb_build_object('id', batch.id, 'status', batch.status,
    'request_counts', jsonb_build_object('total', total, 'completed',
      batch.completed_count, 'failed', failed, 'cancelled', cancelled,
      'in_queue', greatest(0, total - batch.completed_count - failed - cancelled)),
    'cost', jsonb_build_object('currency', 'usd', 'estimated',
      batch.cost_estimated_micros / 1e6::float8, 'estimate_basis', batch.cost_basis,
      'actual', batch.cost_actual_micros / 1e6::float8, 'at_risk',
        batch.cost_at_risk_micros / 1e6::float8))
  from counts
$$;
