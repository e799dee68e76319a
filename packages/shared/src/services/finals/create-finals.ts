/**
 * Finals of many drafts: a batch whose file Kiln writes, a line for each draft. Everything that can
 * be wrong is found before the batch exists, so nothing is spent on finals that cannot be made or
 * are too dear. From then on it is a batch like any other.
 */
import { editsEndpoint, generationsEndpoint } from '../../domain/endpoints.ts';
import { parseImageId } from '../../domain/gallery/image-id.ts';
import type { BatchRow } from '../../records/batches/batches.ts';
import { conditionOfChoice, type ImageChoice } from '../../records/gallery/selected-images.ts';
import { listRowsOfBatch, type DraftFilter } from '../../records/finals/drafts.ts';
import { findUsedKey } from '../../records/idempotency-keys.ts';
import type { Batch } from '../../schemas/batch.ts';
import type { FinalsPreview, FinalsRequest, FinalsSelect } from '../../schemas/finals/finals.ts';
import type { BatchDeps } from '../batches/batch-deps.ts';
import { requireBatch } from '../batches/batches.ts';
import { createBatchOf, type BatchCreation } from '../batches/create-batch.ts';
import { assessRows, columnsOfLines, type RowChecks } from '../batches/input/read-rows.ts';
import type { Caller } from '../caller.ts';
import { discardBytes, storeBytes } from '../files/store-file.ts';
import { requireFreeSpace } from '../files/free-space.ts';
import { choiceOf, requireSelection } from '../gallery/selections.ts';
import { hashOf, settleUsedKey } from '../idempotency.ts';
import { buildWholeRow, toLine, type FinalsRule } from './build-final.ts';
import {
  createFinalsSum,
  openFinalChecks,
  planFinals,
  refuseProblems,
  toPreview,
  type FinalsPlan,
  type WholeBatch,
} from './plan-finals.ts';

/** Finals of images of one batch, or of any images of the project. */
export interface FinalsOrder extends Omit<FinalsRequest, 'select'> {
  /** `choice`: what a selection stood for, of callers that outlive it. */
  select: FinalsSelect | { choice: ImageChoice };
  batchId?: string;
  /** Default: `image`. */
  each?: FinalsRule['each'];
}

/**
 * The dry run. Throws `batch_not_found`, `validations_busy`, and `invalid_request` if no image
 * matches.
 */
export async function previewFinals(
  deps: BatchDeps,
  { projectId }: Caller,
  order: FinalsOrder,
): Promise<FinalsPreview> {
  const batch = await findBatchOf(deps, projectId, order);
  const release = deps.limits.validations.take();
  try {
    const plan = await toPlan(deps, projectId, order);
    const checks = await openFinalChecks(deps, projectId);
    const sum = createFinalsSum();
    for await (const _rows of planFinals(deps, projectId, plan, checks, sum));
    const whole = batch && (await priceWhole(deps, batch, plan.rule, checks));
    return toPreview(deps.config, sum, whole);
  } finally {
    release();
  }
}

/**
 * Makes the batch. Throws like `previewFinals`, and what `refuseProblems` throws; no file stays
 * then. An `Idempotency-Key` stands for the order, not for the images that match it at the moment.
 */
export async function createFinals(
  deps: BatchDeps,
  caller: Caller,
  order: FinalsOrder,
  key: string | null,
): Promise<BatchCreation> {
  const { projectId } = caller;
  const identity = { finals: order };
  if (key !== null) {
    const used = await findUsedKey<Batch>(deps.db, projectId, {
      key,
      requestHash: hashOf(identity),
    });
    if (used.status !== 'in_flight') {
      const { status, answer } = settleUsedKey(used);
      return { status, batch: answer };
    }
  }
  await findBatchOf(deps, projectId, order);
  const plan = await toPlan(deps, projectId, order);
  const stored = await writeLines(deps, projectId, plan, order.max_cost);
  const { name, priority } = order;
  return createBatchOf(
    deps,
    caller,
    {
      kind: 'stored',
      filename,
      stored,
      pictures: [],
      names: {},
      options: {
        endpoint: plan.rule.by === 'edit' ? editsEndpoint : generationsEndpoint,
        ...(name !== undefined && { name }),
        ...(priority !== undefined && { priority }),
        mixed_endpoints: true,
        // The caller wants new pictures, not those that were made before.
        ...(plan.rule.each === 'job' && { dedupe: 'off' as const }),
      },
    },
    key,
    identity,
  );
}

const filename = 'finals.jsonl';

/** Writes the file while the finals are assessed, and deletes it again if one cannot be made. */
async function writeLines(
  deps: BatchDeps,
  projectId: string,
  plan: FinalsPlan,
  maxCost: number | undefined,
) {
  const release = deps.limits.validations.take();
  try {
    const checks = await openFinalChecks(deps, projectId);
    const sum = createFinalsSum();
    async function* lines(): AsyncGenerator<Uint8Array> {
      for await (const rows of planFinals(deps, projectId, plan, checks, sum))
        yield Buffer.from(rows.map(toLine).join(''));
    }
    await requireFreeSpace(deps);
    const stored = await storeBytes(deps, filename, lines());
    try {
      refuseProblems(sum, maxCost);
      return stored;
    } catch (error) {
      await discardBytes(deps, stored);
      throw error;
    }
  } finally {
    release();
  }
}

async function findBatchOf(
  deps: BatchDeps,
  projectId: string,
  { batchId }: FinalsOrder,
): Promise<BatchRow | null> {
  return batchId === undefined ? null : requireBatch(deps, projectId, batchId);
}

async function toPlan(
  deps: BatchDeps,
  projectId: string,
  { select, changes = {}, by = 'prompt', each = 'image', batchId }: FinalsOrder,
): Promise<FinalsPlan> {
  const filter = await toFilter(deps, projectId, select);
  return {
    rule: { changes, by, each },
    drafts: { ...filter, batchId, firstOfJob: each === 'job' },
  };
}

async function toFilter(
  deps: BatchDeps,
  projectId: string,
  select: FinalsSelect | { choice: ImageChoice },
): Promise<DraftFilter> {
  if ('images' in select) return { images: select.images.flatMap((id) => parseImageId(id) ?? []) };
  if ('jobs' in select) return { jobs: select.jobs };
  if ('rating_min' in select) return { ratingMin: select.rating_min };
  if ('starred' in select) return { starred: true };
  const choice =
    'choice' in select
      ? select.choice
      : choiceOf(await requireSelection(deps, projectId, select.selection_id));
  return { matches: await conditionOfChoice(deps.db, projectId, choice) };
}

const rowsPerPage = 1_000;
const columns = { ...columnsOfLines, isNeeded: false };

/** What the batch has cost, and what it would have cost if each row had been made like this. */
async function priceWhole(
  { db }: BatchDeps,
  batch: BatchRow,
  { changes }: FinalsRule,
  checks: RowChecks,
): Promise<WholeBatch> {
  let allRowsMicros = 0;
  for (let after = 0; ;) {
    const page = await listRowsOfBatch(db, batch.id, { after, limit: rowsPerPage });
    const rows = page.map((row) => buildWholeRow(row, changes));
    for (const read of await assessRows(rows, columns, checks))
      if (read.status === 'valid') allRowsMicros += read.job.cost_estimated_micros ?? 0;
    const last = page.at(-1);
    if (last === undefined || page.length < rowsPerPage) break;
    after = last.row;
  }
  return { draftsMicros: batch.cost_actual_micros, allRowsMicros };
}
