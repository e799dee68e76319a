-- Browsers that traded an API key for a cookie. The token itself is nowhere; a session ends with
-- the key it came from, because its hash is then no longer among the configured ones.
create table kiln.sessions (
  token_hash bytea primary key,
  project_id text not null,
  key_hash bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index sessions_by_end on kiln.sessions (expires_at);
create index sessions_by_key on kiln.sessions (key_hash, expires_at);
comment on column kiln.sessions.token_hash is 'SHA-256 of the token in the cookie';
comment on column kiln.sessions.key_hash is 'SHA-256 of the API key';
