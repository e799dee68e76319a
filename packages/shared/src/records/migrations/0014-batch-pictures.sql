-- The pictures that came with a batch, by their files: which batch needs one is asked before it is
-- deleted (records/files/files.ts), for each of up to a thousand of a request that is refused. The
-- batch itself has them by their names.
create table kiln.batch_pictures (
  file_id text not null,
  batch_id text not null references kiln.batches (id),
  primary key (file_id, batch_id)
);
insert into kiln.batch_pictures
select distinct picture.value, batch.id from kiln.batches batch, jsonb_each_text(batch.source_files) as picture;
