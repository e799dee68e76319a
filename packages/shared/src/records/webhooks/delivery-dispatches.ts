/**
 * A delivery's way to a worker and back: handed to the queue engine, claimed, settled. Each step is
 * one statement; `dispatch_no` is the condition of every later one, so a work item that came twice, or
 * a worker that was frozen, changes nothing.
 */
import { sql } from 'kysely';
import { disabledAfterDays } from '../../domain/delivery-schedule.ts';
import type { TryError } from '../../domain/delivery-state.ts';
import type { EventData } from '../../schemas/event.ts';
import type { Database } from '../database/open-records.ts';
import { prepared } from '../database/prepared.ts';

/** Which time of being handed over this is. */
export interface DeliveryDispatch {
  deliveryId: string;
  dispatchNo: number;
}

/**
 * Places at a time: of one lane that is known to answer promptly, of one that is not; and of all
 * lanes of either kind together.
 */
export interface Places {
  trusted: number;
  suspect: number;
  ofAllTrusted: number;
  ofAllSuspect: number;
}

/**
 * What is slower has the places of those that do not answer; so long one receiver can keep another
 * waiting, and no longer.
 */
const promptMs = 2_000;

/**
 * How long one may be on its way through the queue engine, and how many lanes are looked at in one
 * statement.
 */
const handMs = 15_000;
const lanesAStatement = 1_000;

/**
 * Takes what is due, in turns of the lanes, as far as there are places
 * (`kiln.take_due_deliveries`). A receiver that does not answer holds its lane's few places, and
 * all such receivers together no more than theirs; one that answers slowly likewise. The others
 * have places of their own.
 * @param afterLane where the lanes were left off, as there may be more than one statement looks at;
 * '' begins
 */
export async function takeDue(
  db: Database,
  places: Places,
  afterLane: string,
): Promise<{ dispatches: DeliveryDispatch[]; lastLane: string; lookedAt: Date }> {
  const { trusted, suspect, ofAllTrusted, ofAllSuspect } = places;
  const { rows } = await sql<{
    dispatches: DeliveryDispatch[];
    lanes: number;
    last_lane: string | null;
    looked_at: Date;
  }>`
    select dispatches, lanes, last_lane, looked_at from kiln.take_due_deliveries(${trusted}::int, ${suspect}::int, ${ofAllTrusted}::int,
      ${ofAllSuspect}::int, ${promptMs}::int, ${handMs}::int, ${afterLane}::text, ${lanesAStatement}::int)`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('taking deliveries returned nothing');
  const isMore = row.lanes >= lanesAStatement;
  return {
    dispatches: row.dispatches,
    lastLane: isMore ? (row.last_lane ?? '') : '',
    lookedAt: row.looked_at,
  };
}

/** They are not on their way: the queue engine is away. */
export async function returnDispatches(
  db: Database,
  dispatches: readonly DeliveryDispatch[],
): Promise<void> {
  await sql`
    update kiln.deliveries set lease_expires_at = null
    from jsonb_to_recordset(${JSON.stringify(dispatches)}::jsonb) as dispatch ("deliveryId" text, "dispatchNo" int)
    where id = dispatch."deliveryId" and dispatch_no = dispatch."dispatchNo" and status = 'pending' and sending_since is null`.execute(
    db,
  );
}

/**
 * Whether anything waits for a courier: events, deliveries that are due, what was lost. And how
 * soon the next delivery is due.
 */
export async function findDueWork(
  db: Database,
): Promise<{ hasWork: boolean; dueMs: number | null }> {
  const { rows } = await sql<{ hasWork: boolean; dueMs: number | null }>`
    select (select position from kiln.newest_position) > (select position from kiln.webhook_cursor)
        or coalesce(next_try_at <= clock_timestamp(), false)
        or exists (select from kiln.deliveries where status = 'pending' and lease_expires_at < clock_timestamp()) as "hasWork",
      (extract(epoch from next_try_at - clock_timestamp()) * 1000)::float8 as "dueMs"
    from (select min(next_try_at) as next_try_at from kiln.deliveries where status = 'pending' and lease_expires_at is null) as next`.execute(
    db,
  );
  return rows[0] ?? { hasWork: false, dueMs: null };
}

/**
 * How soon to look again: when the next one is due, of those that were not at that moment. The
 * others wait for places, which they have once what is out is found to be slow. null: none waits.
 */
export async function nextDueMs(db: Database, lookedAt: Date): Promise<number | null> {
  const waiting = sql`from kiln.deliveries where status = 'pending' and lease_expires_at is null`;
  const { rows } = await sql<{ due_ms: number | null }>`
    select least(
      (select (extract(epoch from min(next_try_at) - clock_timestamp()) * 1000)::float8 ${waiting} and next_try_at > ${lookedAt}::timestamptz),
      (select ${promptMs}::float8 where exists (select ${waiting} and next_try_at <= ${lookedAt}::timestamptz))
    ) as due_ms`.execute(db);
  return rows[0]?.due_ms ?? null;
}

/** A delivery in a worker's hands, and what it is signed with. */
export interface ClaimedDelivery {
  id: string;
  project_id: string;
  endpoint_id: string | null;
  goes_to: string;
  event_id: string;
  event_type: string;
  event_created_at: Date;
  event_data: EventData;
  request_id: string;
  tries_of_run: number;
  /** The newest first; none: nothing can be sent. */
  secrets: string[];
  endpoint_state: 'enabled' | 'disabled' | 'deleted' | null;
}

/**
 * Undefined where the hand is stale, or was claimed before. It does not wait for the disk: what a
 * crash of the server takes back is sent again, as it is when a worker dies.
 */
export async function claimDelivery(
  db: Database,
  { deliveryId, dispatchNo }: DeliveryDispatch,
  leaseMs: number,
): Promise<ClaimedDelivery | undefined> {
  const { rows } = await prepared(
    'kiln-claim-delivery',
    sql<ClaimedDelivery>`
    with claimed as (
      update kiln.deliveries set sending_since = clock_timestamp(), lease_expires_at = clock_timestamp() + ${leaseMs}::int * interval '1 millisecond'
      where id = ${deliveryId} and dispatch_no = ${dispatchNo}::int and status = 'pending' and lease_expires_at is not null and sending_since is null
      returning *
    ), unsynced as materialized (
      select set_config('synchronous_commit', 'off', true)
    )
    select claimed.*, coalesce(claimed.url, endpoint.url) as goes_to,
      case when endpoint.deleted_at is not null then 'deleted' else endpoint.status end as endpoint_state,
      array_remove(array[signer.secret] || array(
        select entry->>'secret' from jsonb_array_elements(kiln.unexpired_secrets(signer.previous_secrets)) as each(entry)), null) as secrets
    from claimed
    left join kiln.webhook_endpoints endpoint on endpoint.id = claimed.endpoint_id
    left join lateral (
      select secret, previous_secrets from kiln.webhook_endpoints where id = claimed.endpoint_id
      union all
      select secret, previous_secrets from kiln.webhook_secrets
      where project_id = claimed.project_id and claimed.endpoint_id is null
    ) as signer on true
    cross join unsynced`,
  ).execute(db);
  return rows[0];
}

/** What came of a try. */
export interface Try {
  startedAt: Date;
  durationMs: number;
  httpStatus: number | null;
  error: TryError | null;
  answer: string | null;
}

export type DeliveryFailure =
  | 'exhausted'
  | 'gone'
  | 'endpoint_disabled'
  | 'endpoint_deleted'
  | 'secret_missing';

export type Settlement =
  | { status: 'delivered' }
  | { status: 'pending'; pauseMs: number }
  | { status: 'failed'; failure: DeliveryFailure };

/**
 * Records a try and what follows it. `isSettled` false: it is in other hands by now. `isWornOut`:
 * its lane has failed for days on end.
 */
export async function settleTry(
  db: Database,
  dispatch: DeliveryDispatch,
  made: Try,
  settlement: Settlement,
): Promise<{ isSettled: boolean; isWornOut: boolean }> {
  const { rows } = await prepared(
    `kiln-settle-delivery-${settlement.status}`,
    sql<{ is_worn_out: boolean }>`
    with settled as (
      update kiln.deliveries set ${changesOf(settlement)}, tries_made = tries_made + 1, tries_of_run = tries_of_run + 1
      where ${isClaimed(dispatch)} returning id, lane, tries_made
    ), tried as (
      insert into kiln.delivery_tries (delivery_id, no, started_at, duration_ms, http_status, error, answer)
      select id, tries_made, ${made.startedAt}::timestamptz, ${Math.round(made.durationMs)}::int, ${made.httpStatus}::int, ${made.error}, ${made.answer}
      from settled
    ), fared as (${settlement.status === 'delivered' ? laneSucceeded(made) : laneFailed}
    )
    select coalesce(failing_since < clock_timestamp() - ${disabledAfterDays}::int * interval '1 day', false) as is_worn_out
    from settled left join kiln.webhook_lanes using (lane)`,
  ).execute(db);
  return { isSettled: rows.length > 0, isWornOut: rows[0]?.is_worn_out === true };
}

/** Ends one that nothing is sent of. */
export async function closeDelivery(
  db: Database,
  dispatch: DeliveryDispatch,
  failure: DeliveryFailure,
): Promise<void> {
  await sql`update kiln.deliveries set ${changesOf({ status: 'failed', failure })} where ${isClaimed(dispatch)}`.execute(
    db,
  );
}

/**
 * A try that was broken off before its end: it counts for nothing, and is somebody else's to make.
 */
export async function releaseDelivery(db: Database, dispatch: DeliveryDispatch): Promise<void> {
  await sql`
    update kiln.deliveries set lease_expires_at = null, sending_since = null, next_try_at = clock_timestamp()
    where ${isClaimed(dispatch)}`.execute(db);
}

function isClaimed({ deliveryId, dispatchNo }: DeliveryDispatch) {
  return sql`id = ${deliveryId} and dispatch_no = ${dispatchNo}::int and status = 'pending' and sending_since is not null`;
}

function changesOf(settlement: Settlement) {
  const back = sql`lease_expires_at = null, sending_since = null`;
  switch (settlement.status) {
    case 'pending':
      return sql`${back}, next_try_at = clock_timestamp() + ${settlement.pauseMs}::float8 * interval '1 millisecond'`;
    case 'delivered':
      return sql`${back}, status = 'delivered', next_try_at = null, finished_at = clock_timestamp()`;
    case 'failed':
      return sql`${back}, status = 'failed', failure = ${settlement.failure}, next_try_at = null, finished_at = clock_timestamp()`;
  }
}

/**
 * A row that hundreds of deliveries a second share is written when there is something new, or a
 * minute has passed.
 */
const laneSucceeded = ({ durationMs }: Try) => sql`
  insert into kiln.webhook_lanes as known (lane, succeeded_at, answer_ms) select lane, clock_timestamp(), ${Math.round(durationMs)}::int from settled
  where not exists (select from kiln.webhook_lanes fresh where fresh.lane = settled.lane and fresh.failing_since is null
    and fresh.succeeded_at > clock_timestamp() - interval '1 minute'
    and (fresh.answer_ms <= ${promptMs}::int) = (${Math.round(durationMs)}::int <= ${promptMs}::int))
  on conflict (lane) do update set succeeded_at = excluded.succeeded_at, answer_ms = excluded.answer_ms, failing_since = null, updated_at = now()`;

const laneFailed = sql`
  insert into kiln.webhook_lanes as known (lane, failing_since) select lane, clock_timestamp() from settled
  where not exists (select from kiln.webhook_lanes fresh where fresh.lane = settled.lane and fresh.failing_since is not null)
  on conflict (lane) do update set failing_since = coalesce(known.failing_since, excluded.failing_since), updated_at = now()`;

export interface LapsedDispatches {
  /** That no worker took up: they wait again. */
  returned: number;
  /** Of workers that were lost while they sent: whether anything arrived nobody knows. */
  lost: (DeliveryDispatch & { sendingSince: Date; triesOfRun: number })[];
}

/** What a queue engine or a worker has lost. */
export async function listLapsed(db: Database): Promise<LapsedDispatches> {
  const { numAffectedRows } = await sql`
    update kiln.deliveries set lease_expires_at = null
    where status = 'pending' and lease_expires_at < clock_timestamp() and sending_since is null`.execute(
    db,
  );
  const { rows } = await sql<LapsedDispatches['lost'][number]>`
    select id as "deliveryId", dispatch_no as "dispatchNo", sending_since as "sendingSince", tries_of_run as "triesOfRun" from kiln.deliveries
    where status = 'pending' and lease_expires_at < clock_timestamp() and sending_since is not null limit 500`.execute(
    db,
  );
  return { returned: Number(numAffectedRows ?? 0), lost: rows };
}

/**
 * Ends what waits for endpoints that are disabled or deleted, up to a thousand. Returns how many
 * those were.
 */
export async function failWaitingForClosed(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    update kiln.deliveries set status = 'failed', next_try_at = null, finished_at = clock_timestamp(),
      failure = case when endpoint.deleted_at is null then 'endpoint_disabled' else 'endpoint_deleted' end
    from kiln.webhook_endpoints endpoint
    where endpoint.id = endpoint_id and deliveries.id in (
      select waiting.id from kiln.webhook_endpoints closed join kiln.deliveries waiting on waiting.endpoint_id = closed.id
      where (closed.status = 'disabled' or closed.deleted_at is not null)
        and waiting.status = 'pending' and waiting.lease_expires_at is null limit 1000)
      and deliveries.lease_expires_at is null and deliveries.status = 'pending'`.execute(db);
  return Number(numAffectedRows ?? 0);
}
