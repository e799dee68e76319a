/**
 * Keeps what a provider's answer says of its own limits, and closes the pool until a meter's reset
 * if nothing remains of it.
 *
 * At full pace nothing remains of a quota that this pool alone has used, and its next start is due
 * all the same: it takes the room of the oldest one. So the pool closes only if it has used clearly
 * less than the limit itself, because then others use the rest, or if it is paced for more than the
 * provider grants.
 */
import { minute, minuteMs, ms, now, old } from './statement-parts.ts';

/** From this share of the limit on, the pool itself has used what does not remain. */
const ownShare = 0.9;

/** The time until the reset, in ms, if the pool has to wait for it: at most a minute. */
function waitFor(own: string, configured: string, resetMs: string, limit: string): string {
  return `case when ${resetMs} is not null and (${configured} is null
      or coalesce(${limit}, ${configured}) < ${configured}
      or ${own} < ${ownShare} * coalesce(${limit}, ${configured}))
    then least(${resetMs}, ${minuteMs}) end`;
}

/**
 * $2: what was reported, as the pool's row keeps it. $3 to $5: the time until the reset of
 * requests, images and tokens, in ms, if nothing remains of them. $6 to $8: their limits. $9: the
 * reason of the block.
 */
export const reported = {
  name: 'kiln-limits-reported',
  text: `
    with ${old}, own as (
      select case when minutes < 1 then old.minute_starts + old.last_minute_starts * (1 - minutes)
          when minutes < 2 then old.minute_starts * (2 - minutes) else 0 end as requests,
        live.images, live.tokens
      from old, lateral (
          select extract(epoch from ${now} - old.minute_at)::float8 * 1000 / ${minuteMs} as minutes
        ) as age, lateral (
          select coalesce(sum(images), 0) as images, coalesce(sum(tokens), 0) as tokens
          from unnest(old.recent_at, old.recent_images, old.recent_tokens)
            as recent(at, images, tokens)
          where recent.at > ${now} - ${minute}) as live
    ), reset as (
      select greatest(
        ${waitFor('own.requests', 'old.rpm', '$3::float8', '$6::float8')},
        ${waitFor('own.images', 'old.ipm', '$4::float8', '$7::float8')},
        ${waitFor('own.tokens', 'old.tpm', '$5::float8', '$8::float8')}) as wait_ms
      from old, own
    ), changed as (
      update kiln.pools set reported = $2::jsonb,
        blocked_until = case when reset.wait_ms is null then old.blocked_until
          else greatest(old.blocked_until, ${now} + reset.wait_ms * ${ms}) end,
        blocked_reason = case when reset.wait_ms is null
            or old.blocked_until >= ${now} + reset.wait_ms * ${ms}
          then old.blocked_reason else $9::text end,
        blocked_job = case when reset.wait_ms is null
            or old.blocked_until >= ${now} + reset.wait_ms * ${ms}
          then old.blocked_job end,
        blocked_message = case when reset.wait_ms is null
            or old.blocked_until >= ${now} + reset.wait_ms * ${ms}
          then old.blocked_message end
      from old, reset where pools.name = old.name
    )
    select wait_ms from reset`,
};
