/** What is deleted by age. */
import { sql } from 'kysely';
import type { Database } from './open-records.ts';

/** Deletes events older than `eventDays` and idempotency keys older than `keyHours`; returns how many of each. */
export async function deleteExpired(
  db: Database,
  limits: { eventDays: number; keyHours: number },
): Promise<{ events: number; keys: number }> {
  const events =
    await sql`delete from kiln.events where created_at < now() - ${limits.eventDays} * interval '1 day'`.execute(
      db,
    );
  const keys =
    await sql`delete from kiln.idempotency_keys where created_at < now() - ${limits.keyHours} * interval '1 hour'`.execute(
      db,
    );
  return { events: Number(events.numAffectedRows ?? 0), keys: Number(keys.numAffectedRows ?? 0) };
}
