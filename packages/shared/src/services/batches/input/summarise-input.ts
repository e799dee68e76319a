/**
 * Reads a whole file without writing anything: counts its rows, reports their problems and
 * estimates their cost.
 */
import { noCrowd, type Crowd } from '../../../domain/crowd.ts';
import type { BatchErrors, BatchReading } from '../../../schemas/batch.ts';
import {
  createProblemReport,
  type ProblemReport,
} from '../../../tabular/problems/problem-report.ts';
import type { RowProblem } from '../../../tabular/problems/row-problem.ts';
import { EncodingNotConfirmed } from '../../../tabular/text/open-bytes.ts';
import { addBound, createBoundSum, type BoundSum } from '../../jobs/cost-limit.ts';
import type { JobPlan } from '../../jobs/new-job.ts';
import { noEstimate } from './estimate-bases.ts';
import { readingOf, type InputTable } from './open-input.ts';
import { createDuplicateFinder, type DuplicateRows } from './find-duplicates.ts';
import { readPages, type RowChecks } from './read-rows.ts';
import type { InputRow } from './row-columns.ts';
import type { SourceLookup } from './source-lookup.ts';

export interface SampleRow {
  row: number;
  customId: string | null;
  job: JobPlan;
  pictures: SamplePicture[];
}

/** A picture as the row names it, and what was found by that name. */
export interface SamplePicture {
  field: 'images' | 'mask' | 'markup';
  name: string;
  format: string;
  width: number;
  height: number;
}

export interface InputSummary {
  reading: BatchReading | null;
  report: ProblemReport;
  /** Rows that are not empty. `valid` of them would become jobs. */
  rows: number;
  valid: number;
  /** The number of the last row that is not empty. */
  lastRow: number;
  estimatedMicros: number;
  /** What one call of each valid row costs at most. */
  bound: BoundSum;
  /** Numbers of valid rows, by what their estimate rests on. */
  bases: Map<string, number>;
  /** The valid rows, by the route of their jobs. */
  routes: Map<string, Crowd>;
  /** The first rows that would become jobs. */
  sample: SampleRow[];
  /** Only of a dry run. */
  duplicates: DuplicateRows | null;
  /** Valid rows whose request was made before. Only of a dry run that looks for them. */
  madeBefore: { count: number; estimatedMicros: number };
  /** How the rows are made as drafts, and what they should cost as they are written. */
  drafts: { models: Set<string>; qualities: Set<string>; writtenMicros: number };
}

/** What a dry run reports besides. */
export interface DryRun {
  sampleRows: number;
  /** Finds those of the keys for which something was made. */
  findMadeBefore?: ((keys: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
}

/**
 * Reads the table to its end. The first attempt is tentative: the encoding is guessed from the
 * beginning of the file and confirmed by reading it. If that fails, `openTable` is called again and
 * the encoding is detected from the whole file before its rows are read. Throws the reason of the
 * signal with which `openTable` opens the file.
 */
export async function summariseInput(
  openTable: (isTentative: boolean) => Promise<InputTable>,
  checks: RowChecks,
  dryRun: DryRun | null = null,
): Promise<InputSummary> {
  try {
    return await summarise(await openTable(true), checks, dryRun);
  } catch (error) {
    if (!(error instanceof EncodingNotConfirmed)) throw error;
    checks.sources.restart();
    return summarise(await openTable(false), checks, dryRun);
  }
}

async function summarise(
  table: InputTable,
  checks: RowChecks,
  dryRun: DryRun | null,
): Promise<InputSummary> {
  const duplicates = dryRun === null ? null : createDuplicateFinder();
  const report = createProblemReport();
  report.add(table.problems);
  const summary: InputSummary = {
    reading: readingOf(table.summary),
    report,
    rows: 0,
    valid: 0,
    lastRow: 0,
    estimatedMicros: 0,
    bound: createBoundSum(),
    bases: new Map(),
    routes: new Map(),
    sample: [],
    duplicates: duplicates?.found ?? null,
    madeBefore: { count: 0, estimatedMicros: 0 },
    drafts: { models: new Set(), qualities: new Set(), writtenMicros: 0 },
  };
  if (table.status === 'refused') return summary;
  for await (const page of readPages(table, checks)) {
    if (dryRun?.findMadeBefore !== undefined)
      await addMadeBefore(summary, page, dryRun.findMadeBefore);
    for (const read of page) {
      if (read.status !== 'valid') report.add(read.problems);
      if (read.status === 'unreadable') continue;
      summary.rows += 1;
      summary.lastRow = read.row.row;
      if (read.status !== 'valid') continue;
      addJob(summary, read.job);
      addBound(summary.bound, read.callBound);
      if (read.writtenMicros !== undefined) addDraft(summary, read.job, read.writtenMicros);
      duplicates?.add(read.row.row, read.job);
      if (summary.sample.length < (dryRun?.sampleRows ?? 0))
        summary.sample.push(toSample(read, checks.sources));
    }
  }
  if (summary.reading !== null) summary.reading.notes = table.notes.list();
  return summary;
}

function addDraft({ drafts }: InputSummary, job: JobPlan, writtenMicros: number | null): void {
  drafts.models.add(job.model);
  drafts.qualities.add(job.request.quality ?? 'auto');
  drafts.writtenMicros += writtenMicros ?? 0;
}

async function addMadeBefore(
  { madeBefore }: InputSummary,
  page: readonly InputRow[],
  find: NonNullable<DryRun['findMadeBefore']>,
): Promise<void> {
  const jobs = page.flatMap((read) => (read.status === 'valid' ? [read.job] : []));
  const made = await find(jobs.flatMap(({ request_key: key }) => key ?? []));
  for (const { request_key: key, cost_estimated_micros: micros } of jobs) {
    if (key === null || !made.has(key)) continue;
    madeBefore.count += 1;
    madeBefore.estimatedMicros += micros ?? 0;
  }
}

function addJob(summary: InputSummary, job: JobPlan): void {
  summary.valid += 1;
  summary.estimatedMicros += job.cost_estimated_micros ?? 0;
  const basis = job.cost_basis ?? noEstimate;
  summary.bases.set(basis, (summary.bases.get(basis) ?? 0) + 1);
  const crowd = summary.routes.get(job.route) ?? { ...noCrowd };
  summary.routes.set(job.route, crowd);
  crowd.jobs += 1;
  crowd.images += job.n;
  crowd.imageSquares += job.n * job.n;
  crowd.tokens += job.tokens_estimated ?? 0;
}

function toSample(
  { row: { row, customId, references }, job }: Extract<InputRow, { status: 'valid' }>,
  sources: SourceLookup,
): SampleRow {
  const find = (field: SamplePicture['field'], name: string | null): SamplePicture[] => {
    const found = name === null ? null : sources.find(name);
    if (name === null || found?.status !== 'found') return [];
    const { format, width, height } = found.source.picture;
    return [{ field, name, format, width, height }];
  };
  const pictures = [
    ...references.images.flatMap((name) => find('images', name)),
    ...find('mask', references.mask),
    ...find('markup', references.markup),
  ];
  return { row, customId, job, pictures };
}

export function toErrors({
  problems,
  total,
}: Pick<ProblemReport, 'problems' | 'total'>): BatchErrors {
  return { data: problems.map(toRowProblem), total };
}

/** A problem in the format of OpenAI's batches. */
export function toRowProblem({ code, row, column, message }: RowProblem) {
  return { code, line: row, message, param: column };
}
