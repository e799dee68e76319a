/**
 * Writes every event of Kiln, by the statement that makes the change that it reports, so no event
 * is lost or published too early. After the commit it wakes the process's listener, the sequencer;
 * a notification in every transaction would make all commits wait for each other. If the process
 * dies before that, another one finds the events within seconds. Only the database's functions
 * write events elsewhere (migrations/0001-baseline.sql).
 */
import { sql, type QueryResult, type RawBuilder, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import type { EventType } from '../../schemas/event.ts';
import type { Database, Records } from '../database/open-records.ts';
import type { Statement } from '../database/prepared.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';

type JobEventType = Extract<EventType, `job.${string}`>;
export type BatchEventType = Exclude<Extract<EventType, `batch.${string}`>, 'batch.progress'>;
export type PoolEventType = Extract<EventType, `pool.${string}`>;
type ModelEventType = Extract<EventType, `model.${string}`>;

/** The inserts of events, as parts of the statement that makes the change. */
export interface EventInserts {
  /**
   * Inserts the event of each job of a CTE named `job` that returns id, project_id, batch_id and
   * status. The data has neither the prompt nor bytes.
   * @param type an event type, or SQL that computes one from the row
   * @param more further fields of the data, as a JSON object that SQL computes from the row
   */
  job(
    type: JobEventType | RawBuilder<string>,
    where?: RawBuilder<unknown>,
    more?: RawBuilder<unknown>,
  ): RawBuilder<unknown>;
  /** Inserts the events of a CTE named `model` that returns rows of `kiln.paused_models`. */
  model(type: ModelEventType): RawBuilder<unknown>;
  /**
   * Inserts the event of the batch of a CTE named `batch` that returns id, project_id and data
   * (`kiln.batch_event_data`).
   */
  batch(type: BatchEventType): RawBuilder<unknown>;
  /**
   * Inserts the event of a preview of the job of a CTE named `job` that returns id, project_id and
   * batch_id.
   */
  preview(preview: { no: number; index: number; format: string }): RawBuilder<unknown>;
  /** Inserts the event of the endpoint of a CTE named `endpoint` that returns id and project_id. */
  endpointDisabled(reason: string): RawBuilder<unknown>;
}

const inserts: EventInserts = {
  job: (type, where = sql`true`, more = sql`'{}'::jsonb`) => sql`
    insert into kiln.events (project_id, type, job_id, batch_id, data)
    select project_id, ${type}, id, batch_id, jsonb_build_object('id', id, 'status',
      status, 'batch_id', batch_id) || ${more}
    from job where ${where}`,
  model: (type) => sql.raw(modelEventInsert(type)),
  batch: (type) => sql`
    insert into kiln.events (project_id, type, batch_id, data) select project_id, ${type}, id, data
      from batch`,
  preview: ({ no, index, format }) => sql`
    insert into kiln.events (project_id, type, job_id, batch_id, data)
    select project_id, 'job.partial_image', id, batch_id,
      jsonb_build_object('id', id, 'attempt', ${no}::int, 'partial_image_index', ${index}::int,
        'output_format', ${format}::text)
    from job`,
  endpointDisabled: (reason) => sql`
    insert into kiln.events (project_id, type, data)
    select project_id, 'webhook_endpoint.disabled', jsonb_build_object('id', id, 'reason',
      ${reason}::text) from endpoint`,
};

/** A part of the data of an event: which fields a caller has changed. */
export function changedFields(names: readonly string[]): RawBuilder<unknown> {
  return sql`jsonb_build_object('changed', ${toStorableJson(names)}::jsonb)`;
}

/**
 * The insert of a pool's event as text, for the statements of the pool guard. They have the CTEs
 * `old` and `changed`, the pool's row before and after; `announceEvents` follows them.
 */
export function poolEventInsert(type: PoolEventType, where: string): string {
  return `
    insert into kiln.events (project_id, type, data)
    select old.project_id,
      '${type}', jsonb_build_object('id', old.name, 'reason', changed.blocked_reason,
      'blocked_until', floor(extract(epoch from changed.blocked_until)),
      'job_id', changed.blocked_job, 'message', changed.blocked_message)
    from old join changed on true where ${where}`;
}

/** The insert of the events of a CTE named `model` that returns rows of `kiln.paused_models`. */
export function modelEventInsert(type: ModelEventType): string {
  return `
    insert into kiln.events (project_id, type, data)
    select pools.project_id, '${type}', jsonb_build_object('id', model.model, 'deployment',
      model.deployment, 'pool', model.pool, 'reason', model.reason, 'job_id', model.job_id,
      'message', model.message)
    from model join kiln.pools on pools.name = model.pool`;
}

const listeners = new WeakMap<object, () => void>();
/** Transactions that are open, and whether they have written events. */
const transactions = new WeakMap<Database, { hasWritten: boolean }>();

/** Calls back whenever this process has committed events over these connections. */
export function onEventsWritten(
  { db, pool }: Pick<Records, 'db' | 'pool'>,
  wake: () => void,
): void {
  listeners.set(db, wake);
  listeners.set(pool, wake);
}

/**
 * Runs a statement that writes events. Within a transaction, which must be one of
 * `transactionWithEvents`, the listener is called after the commit of the transaction.
 */
export async function writeEvents<Row>(
  db: Database,
  build: (insert: EventInserts) => Statement<Row>,
): Promise<QueryResult<Row>> {
  const open = transactions.get(db);
  if (db.isTransaction && open === undefined)
    throw new Error('a transaction that writes events must be started with transactionWithEvents');
  const result = await build(inserts).execute(db);
  if (open === undefined) announceEvents(db);
  else open.hasWritten = true;
  return result;
}

/** Runs a transaction whose statements may write events. */
export async function transactionWithEvents<T>(
  db: Database,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  const open = { hasWritten: false };
  const result = await db.transaction().execute((transaction) => {
    transactions.set(transaction, open);
    return work(transaction);
  });
  if (open.hasWritten) announceEvents(db);
  return result;
}

/** Tells the listener that events were committed over these connections. */
export function announceEvents(source: Database | Pool): void {
  listeners.get(source)?.();
}
