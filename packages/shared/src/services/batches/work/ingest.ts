/**
 * `in_progress`: the rows of the file become jobs. One statement writes up to a thousand rows and
 * records how far ingest has come. After a crash, the next worker continues behind the last written
 * row. If two workers ingest one file, the statement of the slower worker finds its rows written
 * already and writes nothing, and that worker stops. Rows of a file that validation accepted with
 * mistakes are stored as invalid.
 */
import { buildId } from '../../../ids.ts';
import {
  createRowPage,
  refreshStatistics,
  writeRows,
  type RowPage,
} from '../../../records/batches/batch-rows.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { competingRoutes } from '../../../records/jobs/fair-tags.ts';
import { findFile } from '../../../records/files/files.ts';
import type { StepDeps } from './batch-work.ts';
import type { KeyedJob } from '../../reuse/copy-images.ts';
import { writeReusing } from './write-reusing.ts';
import { openBatchInput, openRowChecks } from '../input/open-batch-input.ts';
import { readPages } from '../input/read-rows.ts';
import { toRowProblem } from '../input/summarise-input.ts';
import type { InputRow } from '../input/row-columns.ts';

/** The most rows that one statement writes, and characters of text in them. */
const rowsAtATime = 1_000;
const charactersAtATime = 4_000_000;
/** A batch of this many rows makes the statistics of the planner stale. */
const manyRows = 10_000;

/**
 * Writes the rows that are not written yet. Always true: the batch may have another step to take.
 * Throws the reason of the interruption.
 */
export async function ingestRows(deps: StepDeps, batch: BatchRow): Promise<boolean> {
  const file = await findFile(deps.db, batch.project_id, batch.input_file_id);
  if (file === undefined)
    throw new Error(`the record of the input file of ${batch.id} is missing during ingest`);
  const checks = await openRowChecks(deps, batch, { makesJobs: true });
  const table = await openBatchInput(deps, batch, file, {
    check: checks.assessor.check,
    signal: deps.interrupted,
  });
  if (table.status === 'refused')
    throw new Error(
      `the input file of ${batch.id} was accepted, but cannot be opened during ingest`,
    );

  const { dedupe = 'off' } = batch.options;
  const common = {
    maxAttempts: deps.config.maxAttempts,
    competing: competingRoutes(deps.routes),
    dedupe: dedupe === 'off' ? null : dedupe,
  };
  let written = batch.ingested_row;
  let pending = createPage(batch);
  let other = createPage(batch);
  let writing = Promise.resolve(true);
  try {
    for await (const read of readPages(table, checks, written)) {
      for (const row of read) {
        // Going on would count rows that have no job, and the batch would never end.
        if (row.status === 'unreadable')
          throw new Error(
            `the input file of ${batch.id} was accepted, but cannot be read to its end`,
          );
        pending.add(row);
        if (!pending.isFull() || row.row.row >= (batch.last_row ?? 0)) continue;
        if (!(await writing)) return true;
        // Read the next rows while these are written.
        writing = write(pending, row.row.row);
        writing.catch(() => undefined); // `await writing` throws the error
        [pending, other] = [other, pending];
        pending.clear();
      }
    }
  } finally {
    // The next step of the batch reads how far this one has written.
    await writing.catch(() => undefined);
  }
  if (!(await writing)) return true;
  await write(pending, batch.last_row ?? 0);
  const rows = batch.row_count ?? 0;
  if (rows >= manyRows) await refreshStatistics(deps.db, rows);
  return true;

  /** False if ingest has to stop: the state of the batch changed, or another worker was faster. */
  async function write({ page, jobs }: Page, upTo: number): Promise<boolean> {
    const pageOfRows = { after: written, upTo, page: page.end() };
    const outcome = await (dedupe === 'reuse'
      ? writeReusing(deps, batch, pageOfRows, { ...common, jobs })
      : writeRows(deps.db, batch, pageOfRows, common));
    if (outcome === 'late') return false;
    written = upTo;
    deps.dispatcher.wakeAll();
    return outcome === 'written' && !deps.interrupted.aborted;
  }
}

interface Page {
  page: RowPage;
  jobs: KeyedJob[];
  isFull(): boolean;
  clear(): void;
  add(read: Exclude<InputRow, { status: 'unreadable' }>): void;
}

function createPage(batch: BatchRow): Page {
  const page = createRowPage();
  const charactersPerRow = JSON.stringify(batch.options.defaults ?? {}).length + 500;
  let characters = 0;
  const jobs: KeyedJob[] = [];
  return {
    page,
    jobs,
    isFull: () => page.size >= rowsAtATime || characters >= charactersAtATime,
    clear() {
      page.clear();
      jobs.length = 0;
      characters = 0;
    },
    add(read) {
      const { row, customId, filename, responseFormat, derivedFrom, cells } = read.row;
      characters += cells.reduce((sum, cell) => sum + cell.length, charactersPerRow);
      if (read.status === 'invalid') {
        page.refuse({
          row_number: row,
          custom_id: customId,
          problems: read.problems.map(toRowProblem),
        });
        return;
      }
      const { job } = read;
      const { request_key } = job; // makes the key, so it is read once
      const id = buildId('job');
      jobs.push({ id, request_key });
      page.add(
        {
          id,
          row_number: row,
          custom_id: customId,
          filename,
          response_format: responseFormat,
          derived_from: derivedFrom,
          request: job.request,
          source_file_ids: job.source_file_ids,
          metadata: job.metadata,
          cost_estimated_micros: job.cost_estimated_micros,
          n: job.n,
          tokens_estimated: job.tokens_estimated,
          request_key,
        },
        job,
      );
    },
  };
}
