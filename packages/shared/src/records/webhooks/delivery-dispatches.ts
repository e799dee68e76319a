/**
 * Moves deliveries to a worker and back: dispatched to the queue engine, claimed, settled. Each
 * step is one statement. Every step after the dispatch is conditional on `dispatch_no`, so a
 * duplicate work item or a worker that was frozen changes nothing. A lease bounds each step;
 * `returnUnclaimed` and `listLost` find the deliveries of a lost engine or worker. The dispatcher
 * and `deliver-event.ts` in `services/webhooks` call these steps.
 */
import { sql } from 'kysely';
import { disabledAfterDays } from '../../domain/delivery-schedule.ts';
import type { TryError } from '../../domain/delivery-state.ts';
import type { EventData } from '../../schemas/event.ts';
import type { Database } from '../database/open-records.ts';
import { prepared } from '../database/prepared.ts';
import { toStorableJson } from '../database/storable-json.ts';

/** One dispatch of a delivery to the queue engine. */
export interface DeliveryDispatch {
  deliveryId: string;
  dispatchNo: number;
}

/** How many deliveries may be out at the same time. */
export interface DeliverySlots {
  promptReceiver: number;
  slowReceiver: number;
  allPromptReceivers: number;
  allSlowReceivers: number;
}

/**
 * A receiver that takes longer to answer is slow. A receiver that turns slow can delay prompt ones
 * for this long at most.
 */
const promptMs = 2_000;

/** How long a dispatch may wait in the queue engine until a worker claims it. */
const dispatchMs = 15_000;

/**
 * Dispatches the deliveries that are due, as far as slots are free (`kiln.take_due_deliveries`).
 * Slow receivers share slots of their own, so that they delay no prompt one.
 */
export async function takeDue(
  db: Database,
  slots: DeliverySlots,
): Promise<{ dispatches: DeliveryDispatch[]; lookedAt: Date }> {
  const { promptReceiver, slowReceiver, allPromptReceivers, allSlowReceivers } = slots;
  const { rows } = await sql<{ dispatches: DeliveryDispatch[]; lookedAt: Date }>`
    select dispatches, looked_at as "lookedAt" from kiln.take_due_deliveries(
      ${promptReceiver}::int, ${slowReceiver}::int, ${allPromptReceivers}::int,
      ${allSlowReceivers}::int, ${promptMs}::int, ${dispatchMs}::int)`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('kiln.take_due_deliveries returned no row');
  return row;
}

/** Makes dispatches due again that the queue engine did not accept. */
export async function returnDispatches(
  db: Database,
  dispatches: readonly DeliveryDispatch[],
): Promise<void> {
  await sql`
    update kiln.deliveries set lease_expires_at = null
    from jsonb_to_recordset(${toStorableJson(dispatches)}::jsonb)
      as dispatch ("deliveryId" text, "dispatchNo" int)
    where id = dispatch."deliveryId" and dispatch_no = dispatch."dispatchNo"
      and status = 'pending' and sending_since is null`.execute(db);
}

/**
 * Whether a dispatcher has work: new events, deliveries that are due, expired leases; and in how
 * many milliseconds the next delivery is due.
 */
export async function findDueWork(
  db: Database,
): Promise<{ hasWork: boolean; dueMs: number | null }> {
  const { rows } = await sql<{ hasWork: boolean; dueMs: number | null }>`
    select (select position from kiln.newest_position) > (select position from kiln.webhook_cursor)
        or coalesce(next_try_at <= clock_timestamp(), false)
        or exists (select from kiln.deliveries
          where status = 'pending' and lease_expires_at < clock_timestamp()) as "hasWork",
      (extract(epoch from next_try_at - clock_timestamp()) * 1000)::float8 as "dueMs"
    from (select min(next_try_at) as next_try_at from kiln.deliveries
      where status = 'pending' and lease_expires_at is null) as next`.execute(db);
  return rows[0] ?? { hasWork: false, dueMs: null };
}

/**
 * In how many milliseconds `takeDue` may find more. Deliveries that were due at `lookedAt` already
 * wait for slots, which may become free when a delivery turns out to be slow. null: none waits.
 */
export async function nextDueMs(db: Database, lookedAt: Date): Promise<number | null> {
  const waiting = sql`from kiln.deliveries where status = 'pending' and lease_expires_at is null`;
  const { rows } = await sql<{ due_ms: number | null }>`
    select least(
      (select (extract(epoch from min(next_try_at) - clock_timestamp()) * 1000)::float8
        ${waiting} and next_try_at > ${lookedAt}::timestamptz),
      (select ${promptMs}::float8 where exists (
        select ${waiting} and next_try_at <= ${lookedAt}::timestamptz))
    ) as due_ms`.execute(db);
  return rows[0]?.due_ms ?? null;
}

/** A delivery that a worker has claimed, with the secrets that sign it. */
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
  /** Newest first. Without a secret nothing can be sent. */
  secrets: string[];
  endpoint_state: 'enabled' | 'disabled' | 'deleted' | null;
}

/**
 * Returns undefined for a stale dispatch and for one that was claimed before. Does not wait for the
 * disk: if a crash of the database server undoes a claim, the delivery is sent again, as it is
 * after a worker's death.
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
      update kiln.deliveries set sending_since = clock_timestamp(),
        lease_expires_at = clock_timestamp() + ${leaseMs}::int * interval '1 millisecond'
      where id = ${deliveryId} and dispatch_no = ${dispatchNo}::int and status = 'pending'
        and lease_expires_at is not null and sending_since is null
      returning *
    ), unsynced as materialized (
      select set_config('synchronous_commit', 'off', true)
    )
    select claimed.*, coalesce(claimed.url, endpoint.url) as goes_to,
      case when endpoint.deleted_at is not null then 'deleted' else endpoint.status end
        as endpoint_state,
      array_remove(array[signer.secret] || array(
        select entry->>'secret'
        from jsonb_array_elements(kiln.unexpired_secrets(signer.previous_secrets)) as each(entry)
      ), null) as secrets
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

/** Outcome of a try. */
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
 * Records a try and the state that follows it. `isSettled` is false if the claim is no longer ours.
 * `isWornOut` is true if every try to this receiver has failed for days.
 */
export async function settleTry(
  db: Database,
  dispatch: DeliveryDispatch,
  made: Try,
  settlement: Settlement,
): Promise<{ isSettled: boolean; isWornOut: boolean }> {
  const durationMs = Math.round(made.durationMs);
  const { rows } = await prepared(
    `kiln-settle-delivery-${settlement.status}`,
    sql<{ is_worn_out: boolean }>`
    with settled as (
      update kiln.deliveries set ${changesOf(settlement)}, tries_made = tries_made + 1,
        tries_of_run = tries_of_run + 1
      where ${isClaimed(dispatch)} returning id, receiver, tries_made
    ), tried as (
      insert into kiln.delivery_tries
        (delivery_id, no, started_at, duration_ms, http_status, error, answer)
      select id, tries_made, ${made.startedAt}::timestamptz, ${durationMs}::int,
        ${made.httpStatus}::int, ${made.error}, ${made.answer}
      from settled
    ), noted as (
      ${settlement.status === 'delivered' ? noteSuccess(durationMs) : noteFailure}
    )
    select coalesce(
      failing_since < clock_timestamp() - ${disabledAfterDays}::int * interval '1 day', false
    ) as is_worn_out
    from settled left join kiln.webhook_receivers using (receiver)`,
  ).execute(db);
  return { isSettled: rows.length > 0, isWornOut: rows[0]?.is_worn_out === true };
}

/**
 * Records only the state that follows a try, whose record the database refused. The try counts:
 * otherwise the event would be sent for ever. False if the claim is no longer ours.
 */
export async function settleWithoutTry(
  db: Database,
  dispatch: DeliveryDispatch,
  settlement: Settlement,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update kiln.deliveries set ${changesOf(settlement)}, tries_made = tries_made + 1,
      tries_of_run = tries_of_run + 1
    where ${isClaimed(dispatch)}`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

/** Fails a claimed delivery without a try. */
export async function closeDelivery(
  db: Database,
  dispatch: DeliveryDispatch,
  failure: DeliveryFailure,
): Promise<void> {
  await sql`
    update kiln.deliveries set ${changesOf({ status: 'failed', failure })}
    where ${isClaimed(dispatch)}`.execute(db);
}

/** Fails a delivery that no worker can claim. */
export async function failUnclaimed(db: Database, deliveryId: string): Promise<void> {
  await sql`
    update kiln.deliveries set ${changesOf({ status: 'failed', failure: 'exhausted' })}
    where id = ${deliveryId} and status = 'pending' and sending_since is null`.execute(db);
}

/** Makes a delivery due again whose try was aborted. The aborted try does not count. */
export async function releaseDelivery(db: Database, dispatch: DeliveryDispatch): Promise<void> {
  await sql`
    update kiln.deliveries set lease_expires_at = null, sending_since = null,
      next_try_at = clock_timestamp()
    where ${isClaimed(dispatch)}`.execute(db);
}

function isClaimed({ deliveryId, dispatchNo }: DeliveryDispatch) {
  return sql`id = ${deliveryId} and dispatch_no = ${dispatchNo}::int and status = 'pending'
    and sending_since is not null`;
}

function changesOf(settlement: Settlement) {
  const released = sql`lease_expires_at = null, sending_since = null`;
  switch (settlement.status) {
    case 'pending':
      return sql`${released}, next_try_at =
        clock_timestamp() + ${settlement.pauseMs}::float8 * interval '1 millisecond'`;
    case 'delivered':
      return sql`${released}, status = 'delivered', next_try_at = null,
        finished_at = clock_timestamp()`;
    case 'failed':
      return sql`${released}, status = 'failed', failure = ${settlement.failure},
        next_try_at = null, finished_at = clock_timestamp()`;
  }
}

/**
 * Hundreds of deliveries a second share the row of a receiver, so a success writes it only if it
 * changes something, or once a minute.
 */
const noteSuccess = (durationMs: number) => sql`
  insert into kiln.webhook_receivers (receiver, answer_ms)
  select receiver, ${durationMs}::int from settled
  where not exists (
    select from kiln.webhook_receivers known
    where known.receiver = settled.receiver and known.failing_since is null
      and known.updated_at > clock_timestamp() - interval '1 minute'
      and (known.answer_ms <= ${promptMs}::int) = (${durationMs}::int <= ${promptMs}::int))
  on conflict (receiver) do update
    set answer_ms = excluded.answer_ms, failing_since = null, updated_at = now()`;

const noteFailure = sql`
  insert into kiln.webhook_receivers as known (receiver, failing_since)
  select receiver, clock_timestamp() from settled
  where not exists (
    select from kiln.webhook_receivers failing
    where failing.receiver = settled.receiver and failing.failing_since is not null)
  on conflict (receiver) do update
    set failing_since = coalesce(known.failing_since, excluded.failing_since), updated_at = now()`;

/** Makes dispatches due again that no worker claimed in time. Returns their number. */
export async function returnUnclaimed(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    update kiln.deliveries set lease_expires_at = null
    where status = 'pending' and lease_expires_at < clock_timestamp()
      and sending_since is null`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** A claimed delivery whose worker was lost. Its event may have arrived. */
export interface LostDelivery extends DeliveryDispatch {
  sendingSince: Date;
  triesOfRun: number;
}

/** Claimed deliveries whose lease has expired, up to 500. */
export async function listLost(db: Database): Promise<LostDelivery[]> {
  const { rows } = await sql<LostDelivery>`
    select id as "deliveryId", dispatch_no as "dispatchNo", sending_since as "sendingSince",
      tries_of_run as "triesOfRun"
    from kiln.deliveries
    where status = 'pending' and lease_expires_at < clock_timestamp()
      and sending_since is not null limit 500`.execute(db);
  return rows;
}

/**
 * Fails deliveries that wait for disabled or deleted endpoints, up to a thousand. Returns their
 * number.
 */
export async function failWaitingForClosed(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    update kiln.deliveries set status = 'failed', next_try_at = null,
      finished_at = clock_timestamp(),
      failure = case when endpoint.deleted_at is null then 'endpoint_disabled'
        else 'endpoint_deleted' end
    from kiln.webhook_endpoints endpoint
    where endpoint.id = endpoint_id and deliveries.id in (
      select waiting.id from kiln.webhook_endpoints closed
      join kiln.deliveries waiting on waiting.endpoint_id = closed.id
      where (closed.status = 'disabled' or closed.deleted_at is not null)
        and waiting.status = 'pending' and waiting.lease_expires_at is null limit 1000)
      and deliveries.lease_expires_at is null and deliveries.status = 'pending'`.execute(db);
  return Number(numAffectedRows ?? 0);
}
