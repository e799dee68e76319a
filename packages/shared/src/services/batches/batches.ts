/**
 * The use-cases of batches: create, read, list, cancel, pause, resume, retry. What becomes of them
 * is a worker's work (`advance.ts`).
 */
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import { lastWaiting } from '../../records/batches/batch-jobs.ts';
import {
  findBatch,
  insertBatch,
  listBatches,
  type BatchRow,
  type BatchListRow,
  type NewBatch,
} from '../../records/batches/batches.ts';
import {
  setBatchPaused,
  startCancelling,
  startRetrying,
} from '../../records/batches/batch-transitions.ts';
import { findFile, insertFile } from '../../records/files/files.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Batch, BatchOptions } from '../../schemas/batch.ts';
import { defaultBatchEvents, type StoredWebhook } from '../../schemas/webhook.ts';
import { removeFile } from '../files/files.ts';
import { hashOf, settleKey } from '../idempotency.ts';
import { discardSources, saveSources } from '../edits/source-files.ts';
import { discardBytes, toFileRow } from '../files/store-file.ts';
import { acceptWebhook } from '../webhooks/request-webhooks.ts';
import { toBatch } from './batch-view.ts';
import { receiveInput, type BatchInput, type ReceivedInput } from './input/receive-input.ts';
import { generationsEndpoint } from '../../domain/endpoints.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse } from '../find-or-refuse.ts';
import { fileNotFound } from '../edits/resolve-sources.ts';
import type { BatchDeps } from './batch-deps.ts';
import { checkDeadline } from './input/check-deadline.ts';

export type BatchCreation = { status: 'created' | 'replayed'; batch: Batch };

/**
 * Makes a batch; once this resolves it is durable. Throws `file_not_found`, `invalid_request` for a
 * file of another purpose or a deadline that is over, what is wrong with a webhook
 * (`webhooks/request-webhooks.ts`), the two of an `Idempotency-Key`, and what `receiveInput`
 * throws. A file that came with it stays only if a batch is made of it.
 */
export async function createBatch(
  deps: BatchDeps,
  caller: Caller,
  input: BatchInput,
  key: string | null,
): Promise<BatchCreation> {
  const received = await receiveInput(deps, caller.projectId, input);
  const { fileId, source, webhook } = await resolveInputFile(deps, caller, received);
  let isOurs = false;
  try {
    const row = buildBatch(caller, fileId, received, webhook);
    const batch = toBatch({ ...emptyBatch, ...row }, null);
    const keyed =
      key === null
        ? null
        : { key, requestHash: hashOf({ ...received.options, source }), answer: batch };
    const outcome = await insertBatch(deps.db, row, keyed);
    if (outcome.status === 'no_file') throw fileNotFound(fileId, 'input_file_id');
    isOurs = outcome.status === 'created';
    const { status, answer } = settleKey(outcome, batch);
    if (status === 'created') deps.queue.enqueue(row.id);
    return { status, batch: answer };
  } finally {
    // Where the database does not say whether the batch was written, its file is in use or is
    // deleted.
    if (!isOurs && received.kind === 'stored') {
      await deleteUnusedFile(deps, caller, fileId);
      await discardSources(deps, caller.projectId, received.pictures);
    }
  }
}

async function deleteUnusedFile(deps: BatchDeps, caller: Caller, fileId: string): Promise<void> {
  await removeFile(deps, caller.projectId, fileId).catch((err: unknown) =>
    deps.log.warn({ err, fileId }, 'a file that no batch was made of could not be deleted'),
  );
}

/** The file's id, and what tells the request from another: the same bytes are the same request. */
async function resolveInputFile(
  deps: BatchDeps,
  caller: Caller,
  received: ReceivedInput,
): Promise<{ fileId: string; source: object; webhook: StoredWebhook | null }> {
  const { projectId } = caller;
  if (received.kind === 'named') {
    const webhook = await acceptWebhook(deps, caller, received.options, defaultBatchEvents);
    const file = await findFile(deps.db, projectId, received.fileId);
    // One that is not there is told by the statement that needs it: a repeated request gets its
    // answer also when the file is gone.
    if (file !== undefined && file.purpose !== 'batch') {
      throw new KilnError(
        'invalid_request',
        `input_file_id: received a file of the purpose "${file.purpose}"; it takes one of the purpose "batch"`,
        { param: 'input_file_id' },
      );
    }
    return { fileId: received.fileId, source: { input_file_id: received.fileId }, webhook };
  }
  const { stored, filename, pictures, names } = received;
  let webhook: StoredWebhook | null;
  try {
    checkDeadline(received.options);
    webhook = await acceptWebhook(deps, caller, received.options, defaultBatchEvents);
    const row = {
      ...toFileRow(stored),
      project_id: projectId,
      purpose: 'batch' as const,
      filename,
      expires_at: null,
    };
    await saveSources(deps, projectId, pictures, true);
    await insertFile(deps.db, row, null);
  } catch (error) {
    await discardBytes(deps, stored);
    await discardSources(deps, projectId, pictures);
    throw error;
  }
  const hashOfPicture = new Map(pictures.map(({ id, sha256 }) => [id, sha256]));
  const hashes = Object.entries(names).map(([name, id]) => [name, hashOfPicture.get(id)]);
  return {
    webhook,
    fileId: stored.id,
    source: { filename, sha256: stored.sha256, ...(pictures.length > 0 && { pictures: hashes }) },
  };
}

function buildBatch(
  caller: Caller,
  fileId: string,
  received: ReceivedInput,
  webhook: StoredWebhook | null,
): NewBatch {
  checkDeadline(received.options);
  const { endpoint, metadata, ...options } = received.options;
  const isWithPictures = received.kind === 'stored' && received.pictures.length > 0;
  return {
    id: buildId('batch'),
    project_id: caller.projectId,
    endpoint: endpoint ?? generationsEndpoint,
    input_file_id: fileId,
    options: {
      ...options,
      ...(webhook !== null && {
        webhook_url: webhook.url,
        webhook_events: webhook.events as BatchOptions['webhook_events'],
      }),
      base_url: caller.baseUrl,
    },
    metadata: metadata ?? {},
    source_files: isWithPictures ? received.names : null,
    deadline_at: options.deadline === undefined ? null : new Date(options.deadline * 1000),
    request_id: caller.requestId,
    created_at: new Date(),
  };
}

/** What a row holds before anything has happened to its batch. */
const emptyBatch = {
  status: 'validating',
  output_file_id: null,
  error_file_id: null,
  errors: null,
  row_count: null,
  last_row: null,
  total_count: 0,
  completed_count: 0,
  failed_count: 0,
  invalid_count: 0,
  cancelled_count: 0,
  expired_count: 0,
  ingested_row: 0,
  reading: null,
  moving: null,
  retrying_since: null,
  lease_expires_at: null,
  lease_no: 0,
  cost_estimated_micros: 0,
  cost_actual_micros: 0,
  cost_at_risk_micros: 0,
  input_tokens: 0,
  output_tokens: 0,
  paused_at: null,
  in_progress_at: null,
  finalizing_at: null,
  cancelling_at: null,
  finished_at: null,
} as const satisfies Partial<BatchRow>;

/** Throws `batch_not_found`. */
export async function readBatch(
  deps: BatchDeps,
  { projectId }: Caller,
  id: string,
): Promise<Batch> {
  return present(deps, await requireBatch(deps, projectId, id));
}

export async function listBatchPage(
  deps: BatchDeps,
  { projectId }: Caller,
  query: { after?: string | undefined; limit: number },
): Promise<{ batches: Batch[]; hasMore: boolean }> {
  const rows = await listBatches(deps.db, projectId, query);
  const batches = await presentAll(deps, rows.slice(0, query.limit));
  return { batches, hasMore: rows.length > query.limit };
}

/** Throws `batch_not_found`, or `batch_not_cancellable` for one that has ended otherwise. */
export async function cancelBatch(deps: BatchDeps, caller: Caller, id: string): Promise<Batch> {
  const isStarted = await startCancelling(deps.db, caller.projectId, id);
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isStarted && row.status !== 'cancelling' && row.status !== 'cancelled') {
    throw new KilnError(
      'batch_not_cancellable',
      `${id} cannot be cancelled: its status is ${row.status}`,
      {
        param: 'id',
      },
    );
  }
  deps.queue.enqueue(id);
  return present(deps, row);
}

/**
 * Pauses or resumes. Throws `batch_not_found`, or `batch_not_pausable` where nothing of it waits
 * any more.
 */
export async function pauseBatch(
  deps: BatchDeps,
  caller: Caller,
  id: string,
  isPaused: boolean,
): Promise<Batch> {
  const isSet = await setBatchPaused(deps.db, caller.projectId, id, isPaused);
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isSet) {
    const verb = isPaused ? 'paused' : 'resumed';
    throw new KilnError(
      'batch_not_pausable',
      `${id} cannot be ${verb}: its status is ${row.status}`,
      {
        param: 'id',
      },
    );
  }
  deps.queue.enqueue(id);
  return present(deps, row);
}

/**
 * Asks again for the rows that have failed or expired, and for no other. Throws `batch_not_found`,
 * or `batch_not_retryable`.
 */
export async function retryBatch(deps: BatchDeps, caller: Caller, id: string): Promise<Batch> {
  const isStarted = await startRetrying(deps.db, caller.projectId, id);
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isStarted) {
    throw new KilnError(
      'batch_not_retryable',
      `nothing of ${id} can be asked for again: its status is ${row.status}, and ${row.failed_count + row.expired_count} of its jobs have failed or expired`,
      { param: 'id' },
    );
  }
  deps.queue.enqueue(id);
  return present(deps, row);
}

async function present(deps: BatchDeps, row: BatchListRow): Promise<Batch> {
  const [batch] = await presentAll(deps, [row]);
  return batch ?? toBatch(row, null);
}

/**
 * With when the last job of each should be done: null where nothing of it waits, or starts by
 * itself.
 */
async function presentAll(
  { db, backlog }: BatchDeps,
  rows: readonly BatchListRow[],
): Promise<Batch[]> {
  const waiting = rows.filter((row) => row.status === 'in_progress' && row.paused_at === null);
  const found = await Promise.all(waiting.map(({ id }) => lastWaiting(db, id)));
  const last = found.filter((job) => job !== undefined && !job.parked) as JobRow[];
  const places = last.length === 0 ? null : await backlog.queuePositionsOf(last);
  return rows.map((row) => {
    const job = last.find((each) => each.batch_id === row.id);
    return toBatch(row, job === undefined ? null : (places?.get(job.id)?.eta_seconds ?? null));
  });
}

/** Throws `batch_not_found`. */
export function requireBatch(
  { db }: Pick<BatchDeps, 'db'>,
  projectId: string,
  id: string,
): Promise<BatchRow> {
  return findOrRefuse('batch', id, findBatch(db, projectId, id));
}
