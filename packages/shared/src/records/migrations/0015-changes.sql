-- What a caller may change about a batch that exists.
alter table kiln.batches
  add column name text,
  -- What its waiting jobs do not have yet: 'priority', 'deadline'. The jobs up to the row
  -- changed_row have it. Each change has a number, so that none is taken for another.
  add column changes text[] not null default '{}',
  add column changed_row integer not null default 0,
  add column change_no integer not null default 0;
