/**
 * Events in the order in which readers follow them. An event is written without a position; once it
 * is committed, `stampEvents` gives it the next one (migrations/0001-baseline.sql says why). A
 * reader that has read up to a position misses nothing: every later event comes after it.
 */
import { sql, type Selectable } from 'kysely';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';

/** Notified with the newest position whenever events have received their positions. */
export const eventsChannel = 'kiln_events';

export type EventRow = Omit<Selectable<Schema['kiln.events']>, 'seq' | 'position'> & {
  position: number;
};

export interface Stamping {
  /** The number of events that became readable. If it is `longestStamping`, there may be more. */
  stamped: number;
  /** The time until progress of a batch is due to be published. Null: none is. */
  dueMs: number | null;
}

export const longestStamping = 1_000;

/**
 * Gives committed events their positions. Any process may call it at any time: a lock lets one at a
 * time run, and each run is one statement, which the server finishes even if its process is killed.
 */
export async function stampEvents(db: Database): Promise<Stamping> {
  const { rows } = await sql<Stamping>`
    select stamped, due_ms as "dueMs" from kiln.stamp_events()`.execute(db);
  return rows[0] ?? { stamped: 0, dueMs: null };
}

/** The position of the newest readable event. 0: there was none yet. */
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
  /** Events of any of these types. Undefined: of all types. */
  types?: readonly EventRow['type'][] | undefined;
}

/**
 * The next events after a position, oldest first, at most `limit`.
 * @param upTo the last position to read
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
  return (await query.execute()) as EventRow[]; // every event read here has a position
}

/** No index finds events by type, so one statement reads at most this many positions. */
const mostLookedAt = 50_000;

/** The last position that one statement may read when it looks for events that match. */
export function reachOf(
  { jobId, batchId }: EventFilter,
  after: number,
  newest: number,
  most = mostLookedAt,
): number {
  return jobId !== undefined || batchId !== undefined ? newest : Math.min(newest, after + most);
}

/**
 * Reads the next matching events after a position, however far apart they are. If `signal` is
 * aborted, returns those found until then.
 * @param after null: from the first event that is kept
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

/**
 * An event cursor: an id that names a position instead of an event, for clients that have received
 * no event yet.
 */
export function formatEventCursor(position: number): string {
  return `cursor_${position}`;
}

export function parseEventCursor(id: string): number | undefined {
  const [, position] = /^cursor_(\d{1,15})$/.exec(id) ?? [];
  return position === undefined ? undefined : Number(position);
}

/**
 * The position of an event or an event cursor. Undefined if it does not exist, or events after it
 * were deleted.
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

/** Whether every event after a position can still be read. */
async function isKeptBehind(db: Database, position: number): Promise<boolean> {
  const { begin, newest } = await readExtent(db);
  return position >= begin && position <= newest;
}

/** The readable events: those after `begin`, up to `newest`. */
async function readExtent(db: Database): Promise<{ begin: number; newest: number }> {
  const { rows } = await sql<{ begin: number; newest: number }>`
    select position as newest, coalesce((
      select position - 1 from kiln.events where position is not null order by position limit 1),
        position) as begin
    from kiln.newest_position`.execute(db);
  return rows[0] ?? { begin: 0, newest: 0 };
}
