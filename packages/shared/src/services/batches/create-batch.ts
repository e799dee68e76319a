/**
 * `POST /v1/batches`: stores what came with the request, then writes the batch and its
 * `Idempotency-Key` in one statement. Once `createBatch` resolves, the batch is durable. A request
 * that makes no batch leaves no file behind. The work on the batch is `work/advance.ts`.
 */
import { generationsEndpoint } from '../../domain/endpoints.ts';
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import { insertBatch, type BatchRow, type NewBatch } from '../../records/batches/batches.ts';
import { findFile, insertFile } from '../../records/files/files.ts';
import type { Batch, BatchOptions } from '../../schemas/batch.ts';
import { defaultBatchEvents, type StoredWebhook } from '../../schemas/webhook.ts';
import type { Caller } from '../caller.ts';
import { fileNotFound } from '../edits/resolve-sources.ts';
import { discardSources, saveSources } from '../edits/source-files.ts';
import { removeFile } from '../files/files.ts';
import { discardBytes, toFileRow } from '../files/store-file.ts';
import { hashOf, settleKey } from '../idempotency.ts';
import { acceptWebhook } from '../webhooks/request-webhooks.ts';
import type { BatchDeps } from './batch-deps.ts';
import { noForecast } from './batch-forecast.ts';
import { toBatch } from './batch-view.ts';
import { checkDeadline } from './input/check-deadline.ts';
import { receiveInput, type BatchInput, type ReceivedInput } from './input/receive-input.ts';

export type BatchCreation = { status: 'created' | 'replayed'; batch: Batch };

/**
 * Throws `file_not_found`; `invalid_request` for a file of another purpose or a deadline in the
 * past; the errors of `acceptWebhook`, `receiveInput` and, for an `Idempotency-Key`, `settleKey`.
 */
export async function createBatch(
  deps: BatchDeps,
  caller: Caller,
  input: BatchInput,
  key: string | null,
): Promise<BatchCreation> {
  const received = await receiveInput(deps, caller.projectId, input, false);
  return createBatchOf(deps, caller, received, key);
}

/**
 * Makes a batch of an input that was received. Throws like `createBatch`.
 * @param identity what two requests with the same key have in common; default: options and input
 */
export async function createBatchOf(
  deps: BatchDeps,
  caller: Caller,
  received: ReceivedInput,
  key: string | null,
  identity: object | null = null,
): Promise<BatchCreation> {
  const { fileId, source, webhook } = await resolveInputFile(deps, caller, received);
  let isOurs = false;
  try {
    const row = buildBatch(deps, caller, fileId, received, webhook);
    const batch = toBatch({ ...emptyBatch, ...row }, noForecast);
    const keyed =
      key === null
        ? null
        : {
            key,
            requestHash: hashOf(identity ?? { ...received.options, source }),
            answer: batch,
          };
    const outcome = await insertBatch(deps.db, row, keyed);
    if (outcome.status === 'no_file') throw fileNotFound(fileId, 'input_file_id');
    isOurs = outcome.status === 'created';
    const { status, answer } = settleKey(outcome, batch);
    if (status === 'created') deps.queue.enqueue(row.id);
    return { status, batch: answer };
  } finally {
    // If the database did not confirm the insert, the batch may exist all the same. Then its files
    // are in use, and deleting them is refused.
    if (!isOurs && received.kind === 'stored') {
      await deleteUnusedFile(deps, caller, fileId);
      await discardSources(deps, caller.projectId, received.pictures);
    }
  }
}

async function deleteUnusedFile(deps: BatchDeps, caller: Caller, fileId: string): Promise<void> {
  await removeFile(deps, caller.projectId, fileId).catch((err: unknown) =>
    deps.log.warn(
      { err, fileId },
      'could not delete the input file of a request that made no batch',
    ),
  );
}

/**
 * Saves the files that came with the request, or finds the one it names. `source` identifies the
 * input for the idempotency hash: two requests with the same bytes are the same request.
 */
async function resolveInputFile(
  deps: BatchDeps,
  caller: Caller,
  received: ReceivedInput,
): Promise<{ fileId: string; source: object; webhook: StoredWebhook | null }> {
  const { projectId } = caller;
  if (received.kind === 'named') {
    const webhook = await acceptWebhook(deps, caller, received.options, defaultBatchEvents);
    const file = await findFile(deps.db, projectId, received.fileId);
    // A missing file is reported by `insertBatch`, after it has looked for the idempotency key: a
    // repeated request gets its first answer even if the file has been deleted since.
    if (file !== undefined && file.purpose !== 'batch') {
      throw new KilnError(
        'invalid_request',
        `input_file_id: received a file with the purpose "${file.purpose}"; upload the file ` +
          'with the purpose "batch"',
        { param: 'input_file_id' },
      );
    }
    return { fileId: received.fileId, source: { input_file_id: received.fileId }, webhook };
  }
  const { stored, filename, pictures, names } = received;
  let webhook: StoredWebhook | null;
  const row = {
    ...toFileRow(stored),
    project_id: projectId,
    purpose: 'batch' as const,
    filename,
    expires_at: null,
  };
  try {
    checkDeadline(received.options);
    webhook = await acceptWebhook(deps, caller, received.options, defaultBatchEvents);
    await saveSources(deps, projectId, pictures, true);
  } catch (error) {
    await discardBytes(deps, stored);
    await discardSources(deps, projectId, pictures);
    throw error;
  }
  try {
    await insertFile(deps.db, row, null);
  } catch (error) {
    // The record may exist all the same, so delete the record with its bytes, never the bytes
    // alone. If the record does not exist, garbage collection deletes the bytes.
    await deleteUnusedFile(deps, caller, row.id);
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
  { config }: BatchDeps,
  caller: Caller,
  fileId: string,
  received: ReceivedInput,
  webhook: StoredWebhook | null,
): NewBatch {
  checkDeadline(received.options);
  const { endpoint, name, metadata, ...options } = received.options;
  const isWithPictures = received.kind === 'stored' && received.pictures.length > 0;
  return {
    id: buildId('batch'),
    project_id: caller.projectId,
    name: name ?? null,
    endpoint: endpoint ?? generationsEndpoint,
    input_file_id: fileId,
    options: {
      ...options,
      dedupe: options.dedupe ?? config.dedupe,
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

/** Columns of a new batch. */
const emptyBatch = {
  status: 'validating',
  output_file_id: null,
  error_file_id: null,
  errors: null,
  row_count: null,
  last_row: null,
  file_last_row: null,
  total_count: 0,
  completed_count: 0,
  failed_count: 0,
  invalid_count: 0,
  cancelled_count: 0,
  expired_count: 0,
  ingested_row: 0,
  reading: null,
  moving: null,
  run_next_tag: null,
  changes: [],
  changed_row: 0,
  change_no: 0,
  retrying_since: null,
  lease_expires_at: null,
  lease_no: 0,
  failed_runs: 0,
  lost_workers: 0,
  retry_at: null,
  given_up: false,
  cost_estimated_micros: 0,
  cost_basis: null,
  cost_actual_micros: 0,
  cost_at_risk_micros: 0,
  input_tokens: 0,
  output_tokens: 0,
  paused_at: null,
  in_progress_at: null,
  finalizing_at: null,
  cancelling_at: null,
  finished_at: null,
} satisfies Partial<BatchRow>;
