-- A few bytes of each picture that a page shows before the picture arrives, in base64. Null: an
-- earlier release stored the picture, it cannot be decoded, or the hash was not made yet.
alter table kiln.images add column thumbhash text;

-- The second object of an edit with `composite`: the original, laid back outside the mask. A row
-- is written with its image, so that a composite that a crash prevented is made later.
create table kiln.composites (
  job_id text not null,
  index integer not null,
  attempt_no integer not null,
  status text not null default 'pending' check (status in ('pending', 'made', 'skipped')),
  -- How often its making was begun. A try ends a worker at worst, so there are only a few.
  tries integer not null default 0,
  -- While it is pending: when it may be begun (again).
  due_at timestamptz not null default clock_timestamp(),
  object_key text,
  width integer,
  height integer,
  bytes bigint,
  sha256 text,
  crc32 bigint,
  -- Why there is none.
  code text,
  message text,
  primary key (job_id, index),
  foreign key (job_id, index) references kiln.images (job_id, index) on delete cascade
);
create index composites_due on kiln.composites (due_at) where status = 'pending';
