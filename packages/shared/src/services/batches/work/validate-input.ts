/**
 * `validating`: reads the whole file before any of its rows becomes a job, so that nothing is spent
 * on a file with mistakes. The batch is accepted or refused in one statement.
 */
import { KilnError } from '../../../errors.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { acceptBatch, refuseBatch } from '../../../records/batches/batch-transitions.ts';
import { findFile } from '../../../records/files/files.ts';
import type { BatchWorkDeps, StepDeps } from './batch-work.ts';
import { openBatchInput, openRowChecks } from '../input/open-batch-input.ts';
import { describeBases } from '../input/estimate-bases.ts';
import { summariseInput, toErrors, type InputSummary } from '../input/summarise-input.ts';

/** Moves the batch to `in_progress` or `failed`. Throws the reason of the interruption. */
export async function validateInput(deps: StepDeps, batch: BatchRow): Promise<boolean> {
  try {
    await decide(deps, batch, await summariseBatchInput(deps, batch));
    return true;
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'file_missing') throw error;
    const problem = {
      code: error.code,
      line: null,
      message: error.message,
      param: 'input_file_id',
    };
    await refuseBatch(deps.db, batch.id, { data: [problem], total: 1 }, null);
    deps.log.error(
      { fileId: batch.input_file_id },
      'batch refused: the bytes of its input file are not in the object store',
    );
    return true;
  }
}

async function summariseBatchInput(deps: StepDeps, batch: BatchRow): Promise<InputSummary> {
  const file = await findFile(deps.db, batch.project_id, batch.input_file_id);
  if (file === undefined) throw new KilnError('file_missing', 'the input file does not exist');
  const checks = await openRowChecks(deps, batch);
  const openTable = (isTentative: boolean) =>
    openBatchInput(deps, batch, file, {
      check: checks.assessor.check,
      isTentative,
      signal: deps.interrupted,
    });
  return summariseInput(openTable, checks);
}

async function decide(
  { db, log }: BatchWorkDeps,
  batch: BatchRow,
  summary: InputSummary,
): Promise<void> {
  const { report, reading, rows, valid, lastRow, estimatedMicros, bases } = summary;
  const errors = report.total === 0 ? null : toErrors(report);
  const isWhole =
    errors === null || (batch.options.on_invalid_rows === 'skip' && !report.hasFileProblem);
  if (isWhole && valid > 0 && reading !== null) {
    await acceptBatch(db, batch.id, {
      reading,
      rows,
      jobs: valid,
      lastRow,
      errors,
      estimatedMicros,
      basis: describeBases(bases),
    });
    log.info({ rows, jobs: valid, problems: report.total }, 'batch accepted');
  } else {
    await refuseBatch(db, batch.id, errors ?? { data: [], total: 0 }, reading);
    log.info({ rows, problems: report.total }, 'batch refused: none of its rows is run');
  }
}
