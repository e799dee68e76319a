-- Each secret that was rotated away signs for its day, also where there are several: who repeats a
-- rotation whose answer was lost does not take from the receiver the one it knows. [{secret,
-- until}], the newest first.
alter table kiln.webhook_endpoints add column previous_secrets jsonb not null default '[]';
alter table kiln.webhook_secrets add column previous_secrets jsonb not null default '[]';
update kiln.webhook_endpoints set previous_secrets = jsonb_build_array(jsonb_build_object('secret', previous_secret, 'until', previous_secret_until))
  where previous_secret is not null;
update kiln.webhook_secrets set previous_secrets = jsonb_build_array(jsonb_build_object('secret', previous_secret, 'until', previous_secret_until))
  where previous_secret is not null;
alter table kiln.webhook_endpoints drop column previous_secret, drop column previous_secret_until;
alter table kiln.webhook_secrets drop column previous_secret, drop column previous_secret_until;

-- What is left of a list of previous secrets.
create function kiln.unexpired_secrets(previous jsonb) returns jsonb language sql volatile as $$
  select coalesce(jsonb_agg(entry order by place), '[]') from jsonb_array_elements(previous) with ordinality as each(entry, place)
  where (entry->>'until')::timestamptz > clock_timestamp()
$$;

-- The list once `secret` has been rotated away, too: at most `most` of them.
create function kiln.retire_secret(secret text, previous jsonb, hours integer, most integer) returns jsonb language sql volatile as $$
  select jsonb_agg(entry order by place) from jsonb_array_elements(
    jsonb_build_array(jsonb_build_object('secret', secret, 'until', clock_timestamp() + hours * interval '1 hour')) || kiln.unexpired_secrets(previous)
  ) with ordinality as each(entry, place) where place <= most
$$;

-- Secrets are where they sign, and nowhere else.
update kiln.idempotency_keys set response_body = (response_body::jsonb - 'secret')::json
  where response_body->>'object' = 'webhook_endpoint' and response_body::jsonb ? 'secret';
