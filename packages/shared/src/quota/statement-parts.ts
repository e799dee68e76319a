/**
 * Parts of the pool guard's statements. `old` is the pool's row before the statement; $1 is its
 * name.
 *
 * `pace_share` below 1 stretches the spacing. It adapts by additive increase (a twentieth of the
 * quota for each minute without refusals) and multiplicative decrease (by three tenths, once for
 * all calls that were under way), and is never below a tenth.
 */
import { poolEventInsert, type PoolEventType } from '../records/events/write-events.ts';

export const old = `old as (select * from kiln.pools where name = $1 for update)`;
export const now = 'clock_timestamp()';
export const ms = `interval '1 millisecond'`;
/** The length of the provider's minute, in ms, with the slack of the pace. */
export const minuteMs = `coalesce(old.minute_ms, old.interval_ms * old.rpm)`;
export const minute = `(${minuteMs} * ${ms})`;
/** A time of the database in ms since 1970. */
export const epochMs = (time: string) => `(extract(epoch from ${time}) * 1000)::float8`;
export const recovers = `(old.pace_share < 1 and old.adjusted_at <= ${now} - ${minute})`;

export function event(type: PoolEventType, where: string): string {
  return `event as (${poolEventInsert(type, where)})`;
}
