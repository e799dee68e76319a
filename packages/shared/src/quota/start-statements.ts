/**
 * The SQL statements of the pool guard (`pool-guard.ts`) that grant starts and correct them.
 *
 * Each meter has its next start, which lies a start's weight behind the start before it. That
 * spreads the starts, and suffices where all starts weigh the same, as requests do. It does not
 * suffice where weights differ: of five images a minute, four single ones and then four at once are
 * spaced, and are eight in a minute. So a pool that counts images or tokens also counts the weights
 * of its last minute, and a start that would be too many waits until enough of them are older.
 * Pools that count requests only have a statement of their own, which costs half as much.
 */
import { epochMs, event, minute, minuteMs, ms, now, old, recovers } from './statement-parts.ts';

/**
 * Starts that are due within $3 ms are granted, and the caller waits until they are. $4: by how
 * many ms the next start is postponed first. $5: the least spacing that the caller needs, in ms.
 * $6: in how many ms the caller can use a start at the earliest; it may be negative.
 */
const soon = `(at.now + $3::float8 * ${ms})`;
const spacing = `(greatest(old.interval_ms, $5::float8) / old.pace_share)`;
/** A start that was not taken in time keeps its place in the schedule for a catch-up. */
const firstStart = `greatest(old.next_start_at + $4::float8 * ${ms},
        at.now - old.catch_up_ms * ${ms}, at.now + $6::float8 * ${ms})`;
/** What one image and one token take of their meters, in ms. */
const perImage = `(old.image_ms / old.pace_share)`;
const perToken = `(old.token_ms / old.pace_share)`;
/**
 * A start that was taken late may be caught up by this share of a minute on the meters of images
 * and tokens. It is longer than that of the requests: providers check these only over a minute, and
 * the starts of the last minute are counted besides.
 */
const meterCatchUp = `(${minute} / 12)`;
/** The starts of the last minute are kept in about this many entries at most. */
const entriesInAMinute = 100;
/** The hundredth of a minute in which a time lies, in ms since 1970. Its starts share an entry. */
const hundredthOf = (timeMs: string) =>
  `floor((${timeMs})::float8 * ${entriesInAMinute} / ${minuteMs})`;
const isMetered = `(old.ipm is not null or old.tpm is not null)`;

const lockedAt = `at as (
      select clock_timestamp() as now from old -- once the row is ours
    )`;
const mayStart = `old.paused_by is distinct from 'operator'
        and (old.blocked_until is null or old.blocked_until <= at.now)`;
const isNewMinute = `(old.minute_at <= at.now - ${minute})`;
/** Changes of every grant. */
const changes = `
        minute_at = case when ${isNewMinute} then at.now else old.minute_at end,
        minute_starts = due.starts + case when ${isNewMinute} then 0 else old.minute_starts end,
        last_minute_starts = case when not ${isNewMinute} then old.last_minute_starts
          when old.minute_at > at.now - 2 * ${minute} then old.minute_starts else 0 end,
        pace_share = case when ${recovers} then least(1, old.pace_share + 0.05)
          else old.pace_share end,
        adjusted_at = case when ${recovers} then at.now else old.adjusted_at end,
        blocked_until = case when old.paused_by = 'fault' then at.now + old.probe_ms * ${ms} end,
        announced = old.announced and old.paused_by is not null,
        probing = old.paused_by is not null`;
/** The next start is postponed even if none is granted now. */
const postponedCte = (isOwn: string) => `postponed as (
      update kiln.pools set next_start_at = pools.next_start_at + $4::float8 * ${ms}
      from old where pools.name = old.name and ${isOwn} and $4::float8 > 0
        and not exists (select from changed)
      returning pools.next_start_at
    )`;
/** Columns of every answer. */
const answer = `
      ${epochMs('at.now')} as now_ms,
      ${epochMs('old.next_start_at')} as next_before_ms,
      ${epochMs(`coalesce((select next_start_at from changed),
        (select next_start_at from postponed), old.next_start_at)`)} as next_after_ms,
      ${isMetered} as is_metered, old.paused_by = 'operator' as is_held,
      old.refusals > 0 or old.paused_by is not null or old.watched as is_watched,
      coalesce((extract(epoch from old.blocked_until - at.now) * 1000)::float8, 0) as blocked_ms`;

/**
 * Grants up to $2 starts of a pool that counts requests only, and never more than this statement
 * would grant at this moment if it were called once for each start. A pool that a fault paused
 * grants one call, its probe, and closes until the probe is answered. A pool with other meters
 * grants nothing here (`is_metered`).
 */
export const takeStarts = {
  name: 'kiln-take-starts',
  writesEvents: true,
  text: `
    with ${old}, ${lockedAt}, base as (
      select ${firstStart} as start from old, at
    ), due as (
      select least($2::int, case when old.paused_by = 'fault' then 1 else greatest(1,
        1 + floor(extract(epoch from ${soon} - base.start) * 1000 / ${spacing}))::int end) as starts
      from old, at, base
    ), changed as (
      update kiln.pools set
        next_start_at = base.start + due.starts * ${spacing} * ${ms},
        ${changes}
      from old, at, base, due
      where pools.name = old.name and not ${isMetered} and base.start <= ${soon} and ${mayStart}
      returning pools.*
    ), ${postponedCte(`not ${isMetered}`)},
    ${event('pool.resumed', 'old.announced and old.paused_by is null')}
    select ${answer}, ${epochMs('at.now')} as granted_at_ms,
      case when exists (select from changed) then array(
        select ${epochMs('base.start')} + number * ${spacing}
        from generate_series(0, due.starts - 1) as number) else '{}' end as starts_at_ms,
      (extract(epoch from base.start - ${soon}) * 1000)::float8 as pace_ms
    from old, at, base, due`,
};

/**
 * When enough of the last minute's weights are older than a minute for the first wanted start; null
 * if there is room already.
 */
function roomAt(weight: 'images' | 'tokens', limit: 'ipm' | 'tpm'): string {
  return `(select min(gone.at) + ${minute} from (
      select live.at, sum(live.${weight}) over (order by live.at) as ${weight} from live) as gone
    where used.${weight} + (select own_${weight} from wanted where number = 1) > old.${limit}
      and gone.${weight} >= used.${weight} + (select own_${weight} from wanted where number = 1)
        - old.${limit})`;
}

/** A time, and the spacing of the starts before number `number` later or earlier. */
const after = (time: string) => `(${time} + (number - 1) * ${spacing} * ${ms})`;
const before = (time: string) => `(${time} - (number - 1) * ${spacing} * ${ms})`;

/**
 * Grants the first of the wanted starts, as many as this statement would grant at this moment if it
 * were called once for each of them. $2 and $7: the images and tokens of each wanted start, in
 * order. `live`: the weights of the last minute. A start counts from when the last start that was
 * granted together with it is due. A start that waits for images or tokens moves the requests after
 * it: `own` is when a start is due, less the spacing of the starts before it, and the latest of
 * these counts for all that follow.
 */
export const takeMeteredStarts = {
  name: 'kiln-take-metered-starts',
  writesEvents: true,
  text: `
    with ${old}, ${lockedAt}, base as (
      select ${firstStart} as start,
        greatest(old.next_image_at, at.now - ${meterCatchUp}) as image,
        greatest(old.next_token_at, at.now - ${meterCatchUp}) as token
      from old, at
    ), wanted as (
      select number, asked.images as own_images, asked.tokens as own_tokens,
        sum(asked.images) over up_to as images, sum(asked.tokens) over up_to as tokens
      from old, unnest($2::float8[], $7::float8[]) with ordinality as start(images, tokens, number),
        -- A start that is heavier than a minute takes the whole minute.
        lateral (select least(start.images, old.ipm) as images, least(start.tokens, old.tpm)
          as tokens) as asked
      window up_to as (order by number)
    ), live as (
      select recent.* from old, at, unnest(old.recent_at, old.recent_images, old.recent_tokens)
        as recent(at, images, tokens)
      where recent.at > at.now - ${minute}
    ), used as (
      select coalesce(sum(images), 0) as images, coalesce(sum(tokens), 0) as tokens from live
    ), turn as (
      select number, images, tokens, ${after('max(own) over (order by number)')} as due_at
      from old, (
        select wanted.*, ${before(`greatest(${after('base.start')},
          base.image + (images - own_images) * ${perImage} * ${ms},
          base.token + (tokens - own_tokens) * ${perToken} * ${ms})`)} as own
        from old, base, wanted) as each
    ), due as (
      select count(*)::int as starts, max(turn.images) as images, max(turn.tokens) as tokens,
        max(due_at) as last_at, array_agg(${epochMs('due_at')} order by number) as starts_at_ms
      from old, at, used, turn
      where (number = 1 or old.paused_by is distinct from 'fault') and due_at <= ${soon}
        and (old.image_ms is null or used.images + turn.images <= old.ipm)
        and (old.token_ms is null or used.tokens + turn.tokens <= old.tpm)
    ), granted as (
      select greatest(at.now, due.last_at) as at, images, tokens from at, due
    ), recent as (
      select array_agg(at order by at) as ats, array_agg(images order by at) as images,
        array_agg(tokens order by at) as tokens
      from (
        select max(at) as at, sum(images)::int as images, sum(tokens)::int as tokens
        from old, (select * from live union all select * from granted) as start
        group by ${hundredthOf('extract(epoch from at) * 1000')}) as entry
    ), changed as (
      update kiln.pools set
        next_start_at = due.last_at + ${spacing} * ${ms},
        next_image_at = coalesce(base.image + due.images * ${perImage} * ${ms}, old.next_image_at),
        next_token_at = coalesce(base.token + due.tokens * ${perToken} * ${ms}, old.next_token_at),
        recent_at = recent.ats, recent_images = recent.images, recent_tokens = recent.tokens,
        ${changes}
      from old, at, base, due, recent
      where pools.name = old.name and ${isMetered} and due.starts > 0 and ${mayStart}
      returning pools.*
    ), ${postponedCte(isMetered)},
    ${event('pool.resumed', 'old.announced and old.paused_by is null')}
    select ${answer}, ${epochMs('granted.at')} as granted_at_ms,
      case when exists (select from changed) then due.starts_at_ms else '{}' end as starts_at_ms,
      (extract(epoch from greatest(greatest(base.start,
        case when old.image_ms is not null then old.next_image_at end,
        case when old.token_ms is not null then old.next_token_at end) - $3::float8 * ${ms},
        ${roomAt('images', 'ipm')}, ${roomAt('tokens', 'tpm')}) - at.now) * 1000)::float8 as pace_ms
    from old, at, base, used, due, granted`,
};

/**
 * Requests were written late: the next start is due $2 ms later, and the weights of starts that
 * were due within the last $3 ms count from now.
 */
export const postponed = {
  name: 'kiln-pool-postponed',
  text: `
    with ${old}, changed as (
      update kiln.pools set next_start_at = old.next_start_at + $2::float8 * ${ms},
        recent_at = case when old.recent_at = '{}' then old.recent_at else array(
          select case when at < ${now} - $3::float8 * ${ms} then at else greatest(at, ${now}) end
          from unnest(old.recent_at) with ordinality as recent(at, number) order by number) end
      from old where pools.name = old.name
      returning pools.next_start_at
    )
    select ${epochMs(now)} as now_ms, ${epochMs('old.next_start_at')} as next_before_ms,
      ${epochMs('changed.next_start_at')} as next_after_ms
    from old, changed`,
};

/**
 * Corrects the weight of a start to what its call used. $2: when the start was granted, in ms of
 * the database's clock; $3 and $4: how many images and tokens fewer it used. Nothing changes if the
 * start does not count any more, or counts from a later time.
 */
export const corrected = {
  name: 'kiln-start-corrected',
  text: `
    with ${old}, entry as (
      select min(number) as number from old, unnest(old.recent_at) with ordinality as
        recent(at, number)
      where ${hundredthOf('extract(epoch from recent.at) * 1000')}
        = ${hundredthOf('$2::float8')}
    )
    update kiln.pools set
      recent_images[entry.number] =
        greatest(0, old.recent_images[entry.number] - $3::float8)::int,
      recent_tokens[entry.number] =
        greatest(0, old.recent_tokens[entry.number] - $4::float8)::int,
      next_image_at = coalesce(old.next_image_at - $3::float8 * ${perImage} * ${ms},
        old.next_image_at),
      next_token_at = coalesce(old.next_token_at - $4::float8 * ${perToken} * ${ms},
        old.next_token_at)
    from old, entry where pools.name = old.name and entry.number is not null`,
};
