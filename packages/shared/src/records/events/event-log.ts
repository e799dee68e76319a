/**
 * Events in the order in which they can be followed. An event is written without a position; once
 * it is committed, `stampEvents` gives it the next one (migrations/0001-baseline.sql says why).
 * Whoever has read up to a position has read all that will ever be there: what comes lies behind
 * it.
 */
import { sql, type Selectable } from 'kysely';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';

/** Notified with the newest position whenever events have been given theirs. */
export const eventsChannel = 'kiln_events';

export type EventRow = Omit<Selectable<Schema['kiln.events']>, 'seq' | 'position'> & {
  position: number;
};

export interface Stamping {
  /** How many events have become readable; as many as `longestStamping`: there may be more. */
  stamped: number;
  /** How soon there will be progress of a batch to tell; null: nothing is due. */
  dueMs: number | null;
}

export const longestStamping = 1_000;

/**
 * Gives the events that are committed by now their positions. Any process may do it, at any time:
 * they take turns, and each turn is one statement, which the server finishes though its process is
 * killed.
 */
export async function stampEvents(db: Database): Promise<Stamping> {
  const { rows } = await sql<Stamping>`
    select stamped, due_ms as "dueMs" from kiln.stamp_events()`.execute(db);
  return rows[0] ?? { stamped: 0, dueMs: null };
}

/** Of the newest event that can be read; 0: there has been none. */
export async function newestPosition(db: Database): Promise<number> {
  const { position } = await db
    .selectFrom('kiln.newest_position')
    .select('position')
    .executeTakeFirstOrThrow();
  return position;
}

export interface EventFilter {
  projectId?: string | undefined;
  jobId?: string | undefined;
  batchId?: string | undefined;
  /** Any of these; undefined: all. */
  types?: readonly EventRow['type'][] | undefined;
}

/**
 * The next events behind a position, oldest first, at most `limit`. @param upTo a position; none
 * behind it
 */
export async function readEventsAfter(
  db: Database,
  after: number,
  { limit, upTo, filter = {} }: { limit: number; upTo?: number; filter?: EventFilter },
): Promise<EventRow[]> {
  let query = db
    .selectFrom('kiln.events')
    .select(['position', 'id', 'project_id', 'type', 'job_id', 'batch_id', 'data', 'created_at'])
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit);
  if (upTo !== undefined) query = query.where('position', '<=', upTo);
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.jobId !== undefined) query = query.where('job_id', '=', filter.jobId);
  if (filter.batchId !== undefined) query = query.where('batch_id', '=', filter.batchId);
  if (filter.types !== undefined) query = query.where('type', 'in', filter.types);
  return (await query.execute()) as EventRow[]; // those behind a position have one
}

/** So far one statement looks for events of some types, which no index finds. */
const mostLookedAt = 50_000;

/** Up to where one statement may read events that match. */
export function reachOf(
  { jobId, batchId }: EventFilter,
  after: number,
  newest: number,
  most = mostLookedAt,
): number {
  return jobId !== undefined || batchId !== undefined ? newest : Math.min(newest, after + most);
}

/**
 * The next events behind a position, however far they are from each other, or those that were found
 * until `signal` was aborted.
 * @param after null: from the first that is kept
 */
export async function readPageAfter(
  db: Database,
  after: number | null,
  {
    limit,
    filter,
    lookedAt,
    signal,
  }: { limit: number; filter: EventFilter; lookedAt?: number; signal: AbortSignal },
): Promise<EventRow[]> {
  const events: EventRow[] = [];
  const { begin, newest } = await readExtent(db);
  for (
    let from = Math.max(begin, after ?? 0);
    from < newest && events.length < limit && !signal.aborted;
  ) {
    const upTo = reachOf(filter, from, newest, lookedAt);
    events.push(
      ...(await readEventsAfter(db, from, { limit: limit - events.length, upTo, filter })),
    );
    from = upTo;
  }
  return events;
}

/** How a client that is sent no event says how far it has been told. */
export function formatEventCursor(position: number): string {
  return `cursor_${position}`;
}

export function parseEventCursor(id: string): number | undefined {
  const [, position] = /^cursor_(\d{1,15})$/.exec(id) ?? [];
  return position === undefined ? undefined : Number(position);
}

/**
 * Where an event or a place lies; undefined: it is not there, or what came behind it is not there
 * any more.
 */
export async function findPosition(
  db: Database,
  projectId: string,
  id: string,
): Promise<number | undefined> {
  const eventCursor = parseEventCursor(id);
  if (eventCursor !== undefined)
    return (await isKeptBehind(db, eventCursor)) ? eventCursor : undefined;
  const row = await db
    .selectFrom('kiln.events')
    .select('position')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row?.position ?? undefined;
}

/** Whether all that has come behind a position can still be read. */
async function isKeptBehind(db: Database, position: number): Promise<boolean> {
  const { begin, newest } = await readExtent(db);
  return position >= begin && position <= newest;
}

/** What can be read: every event behind `begin`, up to `newest`. */
async function readExtent(db: Database): Promise<{ begin: number; newest: number }> {
  const { rows } = await sql<{ begin: number; newest: number }>`
    select position as newest, coalesce((
      select position - 1 from kiln.events where position is not null order by position limit 1),
        position) as begin
    from kiln.newest_position`.execute(db);
  return rows[0] ?? { begin: 0, newest: 0 };
}
