-- What the provider chose where the request left it open, as its answer said: for OpenAI's images
-- API.
alter table kiln.jobs add column chosen jsonb;
