-- Whom a refused call concerns: the job, the model, the deployment or the pool.
create table kiln.refusals (
  deployment text not null,
  -- The model that was refused; empty where the refusal concerns the whole deployment.
  model text not null default '',
  job_id text not null,
  pool text not null,
  code text not null,
  message text not null,
  -- The provider named the owner, so the job is only blamed after several refusals.
  is_certain boolean not null,
  refused_at timestamptz not null default clock_timestamp(),
  -- No other job has been answered since.
  is_open boolean not null default true,
  attempt_no integer not null,
  -- Refusals in a row, while no other job was tried.
  alone integer not null default 1,
  -- Refusals after which another job was answered.
  strikes integer not null default 0,
  -- The refusals were the job's own: it fails at its next turn.
  is_blamed boolean not null default false,
  primary key (deployment, model, job_id)
);
comment on table kiln.refusals is
  'Jobs that a deployment refused for a cause that may be the job''s or the deployment''s (records/jobs/refusals.ts).';
create index refusals_by_job on kiln.refusals (job_id);

create table kiln.paused_models (
  deployment text not null,
  model text not null,
  pool text not null,
  reason text not null,
  job_id text,
  message text,
  paused_until timestamptz not null,
  probe_ms double precision not null,
  probing boolean not null default false,
  primary key (deployment, model)
);
comment on table kiln.paused_models is
  'Models that a deployment refuses: one row each, until the deployment answers for the model again.';

create table kiln.answer_shapes (
  deployment text not null,
  shape text not null,
  pool text not null,
  -- The job that was answered so first. Its repetition shows whether that was chance.
  job_id text not null,
  seen_at timestamptz not null default clock_timestamp(),
  -- The newest answer of the shape, as the job's id and the number of the attempt.
  attempt text not null,
  -- How many answers in a row had the shape.
  in_a_row integer not null default 1,
  primary key (deployment, shape)
);
comment on table kiln.answer_shapes is
  'Shapes of answers without a usable image that deployments gave (records/jobs/answer-shapes.ts).';

-- The job and the words that paused a deployment or closed a pool. Null: an operator did.
alter table kiln.paused_deployments add column job_id text, add column message text;
alter table kiln.pools add column blocked_job text, add column blocked_message text;
-- Refusals are open, or an answer was unusable lately: every answer is to be reported.
alter table kiln.pools add column watched boolean not null default false;
-- What a waiting job lacked at its last turn: 'store_away' or 'spool_full'.
alter table kiln.jobs add column lacks text;
