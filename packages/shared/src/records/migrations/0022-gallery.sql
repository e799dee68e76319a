-- The gallery: what its wall shows and filters by is in the row of each image, so that a page needs
-- no other table to find its pictures (records/gallery/).

alter table kiln.images
  -- Those of its job. Null: no batch.
  add column batch_id text,
  add column model text,
  -- The job was an edit.
  add column edited boolean not null default false,
  -- The job was made from a draft.
  add column derived boolean not null default false,
  -- Its share of what the job cost. Null: the cost is not known.
  add column cost_micros bigint,
  add column rating smallint check (rating between 1 and 5),
  add column starred boolean not null default false,
  -- When a caller put it in the trash. The object and the row stay for some days.
  add column trashed_at timestamptz,
  -- The bytes hold a C2PA manifest. Null: Kiln did not look.
  add column c2pa boolean;

alter table kiln.jobs
  -- The image that the job finishes: `job_…/0`.
  add column derived_from text,
  -- The job whose images this one shows, instead of a call of its own.
  add column reused_from text,
  -- Equal requests of a project have equal keys. Null: an earlier release wrote the job.
  add column request_key text,
  -- What happens when the same was made before. Null: nothing.
  add column dedupe text;

-- The part of a sum that the `number`-th of `count` pictures has. All parts add up to the sum.
create function kiln.share_of(total bigint, number bigint, count bigint) returns bigint
  language sql immutable parallel safe as $$
  select total * number / count - total * (number - 1) / count
$$;

update kiln.images i set batch_id = j.batch_id, model = j.model,
  edited = j.endpoint = '/v1/images/edits',
  cost_micros = kiln.share_of(j.cost_actual_micros, n.number, n.count)
from (
  select job_id, index, row_number() over (partition by job_id order by index) as number,
    count(*) over (partition by job_id) as count
  from kiln.images
) n join kiln.jobs j on j.id = n.job_id
where i.job_id = n.job_id and i.index = n.index;

-- A process of an earlier release, which may still run beside this one, writes an image without
-- these columns.
create function kiln.describe_image() returns trigger language plpgsql as $$
begin
  select j.batch_id, j.model, j.endpoint = '/v1/images/edits'
    into new.batch_id, new.model, new.edited
    from kiln.jobs j where j.id = new.job_id;
  return new;
end $$;
create trigger describe_image before insert on kiln.images for each row when (new.model is null)
  execute function kiln.describe_image();

-- Ids rise with time, so this is newest first; the images of a job are in their own order. Each
-- filter of the wall that leaves few images has an index in the same order.
create index images_on_wall on kiln.images (project_id, job_id desc, index)
  where trashed_at is null;
create index images_by_batch on kiln.images (project_id, batch_id, job_id desc, index)
  where batch_id is not null and trashed_at is null;
create index images_by_model on kiln.images (project_id, model, job_id desc, index)
  where trashed_at is null;
create index images_by_size on kiln.images (project_id, width, height, job_id desc, index)
  where trashed_at is null;
create index images_by_rating on kiln.images (project_id, rating, job_id desc, index)
  where rating is not null and trashed_at is null;
create index images_starred on kiln.images (project_id, job_id desc, index)
  where starred and trashed_at is null;
create index images_edited on kiln.images (project_id, job_id desc, index)
  where edited and trashed_at is null;
create index images_derived on kiln.images (project_id, job_id desc, index)
  where derived and trashed_at is null;
create index images_in_trash on kiln.images (project_id, job_id desc, index)
  where trashed_at is not null;
create index images_to_purge on kiln.images (trashed_at) where trashed_at is not null;

-- What was made from an image, and which jobs show the images of a job.
create index jobs_derived on kiln.jobs (derived_from) where derived_from is not null;
create index jobs_reused on kiln.jobs (reused_from) where reused_from is not null;
-- What was made before (newest first).
create index jobs_by_request_key on kiln.jobs (project_id, request_key, id desc)
  where status = 'succeeded' and request_key is not null and deleted_at is null
    and results_deleted_at is null;

create table kiln.albums (
  id text primary key,
  project_id text not null,
  name text not null,
  -- The image that stands for the album. Null: its newest one does.
  cover_job_id text,
  cover_index integer,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
comment on table kiln.albums is 'Albums: images of a project under a name.';
create index albums_by_project on kiln.albums (project_id, id desc);

create table kiln.album_images (
  album_id text not null references kiln.albums (id) on delete cascade,
  job_id text not null,
  index integer not null,
  added_at timestamptz not null default clock_timestamp(),
  primary key (album_id, job_id, index),
  foreign key (job_id, index) references kiln.images (job_id, index) on delete cascade
);
comment on table kiln.album_images is 'Which images are in which albums. An image may be in many.';
create index album_images_by_image on kiln.album_images (job_id, index);

create table kiln.selections (
  id text primary key,
  project_id text not null,
  -- The filter of the wall that chose the images, and the images that it leaves out.
  filter jsonb,
  except_ids text[],
  -- The images, where they were chosen one by one.
  image_ids text[],
  -- How many images it stood for when it was made.
  count integer not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  check ((filter is null) <> (image_ids is null))
);
comment on table kiln.selections is
  'Selections: the images that match a filter when the selection is used, among those that existed when it was made.';
create index selections_by_expiry on kiln.selections (expires_at);

create table kiln.bulk_actions (
  id text primary key,
  project_id text not null,
  action text not null,
  params jsonb not null,
  -- The selection that it was made from, and what that stood for: an action outlives a selection.
  selection_id text,
  filter jsonb,
  except_ids text[],
  image_ids text[],
  selected_at timestamptz not null,
  status text not null default 'queued' check (status in
    ('queued', 'running', 'stopping', 'stopped', 'completed', 'failed')),
  total integer not null,
  done_count integer not null default 0,
  failed_count integer not null default 0,
  -- The first failures: {id, code, message}.
  failures jsonb not null default '[]',
  -- The last image that was done; the next chunk begins after it.
  cursor_job_id text,
  cursor_index integer,
  -- Each time that a worker takes the action has a number; its lease ends here.
  run_no integer not null default 0,
  lease_expires_at timestamptz,
  error jsonb,
  result jsonb,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz
);
comment on table kiln.bulk_actions is
  'Bulk actions: one change of many images, done in chunks, with how far it has come.';
create index bulk_actions_by_project on kiln.bulk_actions (project_id, id desc);
create index bulk_actions_open on kiln.bulk_actions (id)
  where status in ('queued', 'running', 'stopping');
