-- What the calls of a pool came to, minute by minute (records/pool-activity.ts).

-- The pictures in the answer of a call. Null: it had none, or an earlier release recorded it.
alter table kiln.attempts add column images smallint;

-- An attempt is updated once, at its end. Neither column changes then, so the update stays cheap.
create index attempts_by_pool on kiln.attempts (pool, started_at);
