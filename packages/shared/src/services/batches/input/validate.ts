/**
 * `POST /v1/batches/validate`, the dry run of a batch: the problems, the cost and the duration that
 * a batch of this file would have. Nothing stays stored; bytes that came with the request are
 * deleted after they have been read.
 */
import { addCrowds, withoutLast } from '../../../domain/crowd.ts';
import { toUsd } from '../../../domain/money.ts';
import { findKeysMadeBefore } from '../../../records/reuse/made-before.ts';
import { findFile } from '../../../records/files/files.ts';
import type { BatchOptions, BatchValidation } from '../../../schemas/batch.ts';
import { discardSources } from '../../edits/source-files.ts';
import { toCostLimit } from '../../jobs/cost-limit.ts';
import { discardBytes } from '../../files/store-file.ts';
import { openInput } from './open-input.ts';
import { findDraftsOf } from '../../edits/find-drafts.ts';
import { createAssessor, type RowChecks } from './read-rows.ts';
import { receiveInput, type BatchInput, type ReceivedInput } from './receive-input.ts';
import { createSourceLookup, type SourceLookup } from './source-lookup.ts';
import { describeBases } from './estimate-bases.ts';
import { summariseInput, type DryRun, type InputSummary } from './summarise-input.ts';
import { generationsEndpoint } from '../../../domain/endpoints.ts';
import type { Caller } from '../../caller.ts';
import { fileNotFound } from '../../edits/resolve-sources.ts';
import { csvColumns } from '../../../tabular/csv/column-names.ts';
import type { BatchDeps } from '../batch-deps.ts';
import { checkDeadline } from './check-deadline.ts';

const sampleRows = 10;

/**
 * Throws `file_not_found`, `invalid_request` for a deadline in the past, `validations_busy`, and
 * the errors of `receiveInput`. Throws the reason of the signal, which ends the reading.
 */
export async function validateBatch(
  deps: BatchDeps,
  { projectId }: Caller,
  input: BatchInput,
  signal: AbortSignal,
): Promise<BatchValidation> {
  const lookUp = (sources: SourceLookup) => ({
    sources,
    findDrafts: findDraftsOf(deps.db, projectId),
    findMadeBefore: (keys: readonly string[]) => findKeysMadeBefore(deps.db, projectId, keys),
  });
  deps.limits.validations.check(); // before a file is received in vain
  const received = await receiveInput(deps, projectId, input, true);
  const { options } = received;
  if (received.kind === 'named') {
    const file = await findFile(deps.db, projectId, received.fileId);
    if (file === undefined) throw fileNotFound(received.fileId, 'input_file_id');
    const lookup = lookUp(createSourceLookup(deps.db, projectId, null));
    const named = { objectKey: file.object_key, filename: file.filename };
    return validate(deps, named, { ...options, signal }, lookup);
  }
  const { stored, filename, pictures, names } = received;
  try {
    const lookup = lookUp(createSourceLookup(deps.db, projectId, names, pictures));
    const sent = { objectKey: stored.objectKey, filename };
    return await validate(deps, sent, { ...options, signal }, lookup);
  } finally {
    await discardBytes(deps, stored);
    await discardSources(deps, projectId, pictures);
  }
}

type BatchSources = Pick<RowChecks, 'sources' | 'findDrafts'> & Pick<DryRun, 'findMadeBefore'>;
type ValidationOptions = ReceivedInput['options'] & { signal: AbortSignal };

async function validate(
  deps: BatchDeps,
  file: { objectKey: string; filename: string },
  options: ValidationOptions,
  sources: BatchSources,
): Promise<BatchValidation> {
  checkDeadline(options);
  const summary = await readFile(deps, file, options, sources);
  const { report, reading, rows, valid } = summary;
  const skips = options.on_invalid_rows === 'skip' && !report.hasFileProblem;
  return {
    object: 'batch.validation',
    rows,
    valid,
    invalid: rows - valid,
    problems: report.problems.map(({ row, column, code, message, value }) => ({
      row,
      column,
      code,
      message,
      value,
    })),
    problems_total: report.total,
    accepted: valid > 0 && (report.total === 0 || skips),
    sample: summary.sample.map(({ row, customId, job, pictures }) => ({
      row,
      custom_id: customId,
      model: job.model,
      request: job.request,
      metadata: job.metadata,
      pictures,
    })),
    duplicates: {
      count: summary.duplicates?.count ?? 0,
      rows: summary.duplicates?.rows ?? [],
      cost: { currency: 'usd', estimated: toUsd(summary.duplicates?.estimatedMicros ?? 0) },
    },
    made_before:
      (options.dedupe ?? deps.config.dedupe) === 'off'
        ? null
        : {
            count: summary.madeBefore.count,
            cost: { currency: 'usd', estimated: toUsd(summary.madeBefore.estimatedMicros) },
          },
    as_drafts:
      options.as_drafts === true
        ? {
            models: [...summary.drafts.models],
            qualities: [...summary.drafts.qualities],
            cost: { currency: 'usd', estimated: toUsd(summary.estimatedMicros) },
            as_written: { currency: 'usd', estimated: toUsd(summary.drafts.writtenMicros) },
          }
        : null,
    pictures: sources.sources.report(),
    fields: [...csvColumns.names, 'metadata'],
    encoding: reading?.encoding ?? null,
    delimiter: reading?.delimiter ?? null,
    columns: reading?.columns ?? [],
    notes: reading?.notes ?? [],
    cost: {
      currency: 'usd',
      estimated: toUsd(summary.estimatedMicros),
      estimate_basis: describeBases(summary.bases),
      ...toCostLimit(deps.config, summary.bound, valid),
    },
    duration_seconds: await durationOf(deps, summary, options),
  };
}

/** Reads the whole file. Few files are read at a time, because each takes seconds of work. */
async function readFile(
  deps: BatchDeps,
  file: { objectKey: string; filename: string },
  options: ValidationOptions,
  { sources, findDrafts, findMadeBefore }: BatchSources,
): Promise<InputSummary> {
  const release = deps.limits.validations.take();
  try {
    const assessor = createAssessor(deps.routes, new Date(), await deps.tokenMemory.read(), {
      asDrafts: options.as_drafts === true,
    });
    const read = { ...options, endpoint: options.endpoint ?? generationsEndpoint };
    const openTable = (isTentative: boolean) =>
      openInput(deps, file, { ...read, isTentative }, assessor.check);
    const isDeduped = (options.dedupe ?? deps.config.dedupe) !== 'off';
    return await summariseInput(
      openTable,
      { assessor, sources, findDrafts },
      { sampleRows, ...(isDeduped && { findMadeBefore }) },
    );
  } finally {
    release();
  }
}

/**
 * The estimated time until the last row is done, if all rows are queued behind the waiting jobs.
 */
async function durationOf(
  { backlog, routes }: BatchDeps,
  summary: InputSummary,
  { priority }: BatchOptions,
): Promise<number | null> {
  const places = await Promise.all(
    [...summary.routes.keys()].map((route) => {
      const competing = routes.competingRoutes(route);
      const crowds = [...summary.routes].flatMap(([other, crowd]) =>
        competing.includes(other) ? [crowd] : [],
      );
      return backlog.queuePositionOfNew(
        { route, model: '', priority: priority === 'interactive' ? 0 : 1 },
        withoutLast(addCrowds(crowds)),
      );
    }),
  );
  const seconds = places.map(({ eta_seconds: eta }) => eta);
  if (seconds.length === 0 || seconds.includes(null)) return null;
  return Math.max(...seconds.map(Number));
}
