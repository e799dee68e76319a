/**
 * Reads the rows of an input file, and assesses the job that each would become: its route, its
 * cost, or what is wrong with it. Validation and ingest both read rows here, so they agree.
 * Pictures that rows name are looked up a page at a time. Ingest assesses rows again because the
 * route of a job, its price and its pictures may have changed since.
 */
import { editsEndpoint } from '../../../domain/endpoints.ts';
import type { LearntTokens } from '../../../models/cost/learnt-tokens.ts';
import { listEditOnlyFields } from '../../../models/model-fields.ts';
import type { Routes } from '../../../models/routes.ts';
import { limitProblems } from '../../../tabular/problems/limit-problems.ts';
import { buildProblem, type RowProblem } from '../../../tabular/problems/row-problem.ts';
import type { RequestCheck, Row } from '../../../tabular/table.ts';
import {
  assessParameters,
  planFitting,
  type AssessedRequest,
  type ResolvedRequest,
  type SourceFacts,
} from '../../jobs/new-job.ts';
import type { SourceHashes } from '../../jobs/request-key.ts';
import { createDraftChooser } from './draft-choice.ts';
import type { InputTable } from './open-input.ts';
import { formatMissingImage, type FindDrafts } from '../../edits/find-drafts.ts';
import { resolveRow } from './resolve-row.ts';
import type { SourceLookup } from './source-lookup.ts';
import type { InputRow, ReadableRow, ValidRow, RowColumns } from './row-columns.ts';

const editOnlyFields = listEditOnlyFields();

export interface Assessor {
  check: RequestCheck;
  assess(
    request: ResolvedRequest,
    sources?: readonly SourceFacts[],
    hashes?: SourceHashes,
  ): AssessedRequest;
}

/** A file has few combinations of parameters. Beyond this many, each row is assessed on its own. */
const maxCachedAssessments = 500;

/**
 * Assesses requests by the rules of the model and the provider. What does not depend on the prompt
 * is assessed once for all rows with the same parameters.
 */
export function createAssessor(
  routes: Routes,
  today: Date,
  learnt: LearntTokens,
  { asDrafts }: { asDrafts: boolean } = { asDrafts: false },
): Assessor {
  const toDraft = asDrafts ? createDraftChooser(routes, today, learnt) : null;
  const cache = new Map<string, ParameterAssessment>();
  let lastGeneration: { request: ResolvedRequest; assessment: ParameterAssessment } | null = null;

  function assessmentOf(
    request: ResolvedRequest,
    sources: readonly SourceFacts[],
  ): ParameterAssessment {
    if (lastGeneration !== null && differOnlyInText(request, lastGeneration.request))
      return lastGeneration.assessment;
    const { prompt: _prompt, metadata: _metadata, images, mask, markup, ...parameters } = request;
    const shape =
      images === undefined
        ? parameters
        : {
            ...parameters,
            mask: mask !== undefined,
            markup: markup !== undefined,
            formats: sources.map(({ format }) => format),
          };
    const key = JSON.stringify(shape);
    const assessment =
      cache.get(key) ?? assessParameters(routes, request, today, { sources, learnt });
    if (cache.size < maxCachedAssessments) cache.set(key, assessment);
    if (images === undefined) lastGeneration = { request, assessment };
    return assessment;
  }

  function assess(
    request: ResolvedRequest,
    sources: readonly SourceFacts[],
    hashes: SourceHashes,
  ): AssessedRequest {
    const assessment = assessmentOf(request, sources);
    return assessment.status === 'refused'
      ? assessment
      : planFitting(routes, assessment.parameters, request, { sources, hashes });
  }

  return {
    assess(request, sources = [], hashes = new Map()) {
      const written = assess(request, sources, hashes);
      if (toDraft === null) return written;
      const draft = assess(toDraft(request, sources), sources, hashes);
      if (draft.status === 'refused') return draft;
      const writtenMicros =
        written.status === 'accepted' ? written.job.cost_estimated_micros : null;
      return { ...draft, writtenMicros };
    },
    check(request) {
      const assessment = assessmentOf(request, []);
      // The pictures of the row are not known yet, so neither is whether it may have these fields.
      return assessment.status === 'refused'
        ? assessment.problems.filter(({ param }) => !editOnlyFields.includes(param))
        : [];
    },
  };
}

type ParameterAssessment = ReturnType<typeof assessParameters>;

/** True if two requests for generations differ in nothing but prompt and metadata. */
function differOnlyInText(one: ResolvedRequest, other: ResolvedRequest): boolean {
  let fields = 0;
  for (const field in one) {
    fields += 1;
    if (field === 'prompt' || field === 'metadata') continue;
    if (one[field as keyof ResolvedRequest] !== other[field as keyof ResolvedRequest]) return false;
  }
  for (const _field in other) fields -= 1;
  return fields === 0;
}

export interface RowChecks {
  assessor: Assessor;
  sources: SourceLookup;
  /** Checks that the images exist from which rows are made. Null: that was checked before. */
  findDrafts: FindDrafts | null;
}

/** The most rows, and characters in them, whose pictures are looked up together. */
const rowsAtATime = 500;
const charactersAtATime = 1_000_000;

/** Yields the rows after row `from`, in pages. */
export async function* readPages(
  table: Extract<InputTable, { status: 'opened' }>,
  checks: RowChecks,
  from = 0,
): AsyncGenerator<InputRow[]> {
  const columns = columnsOf(table);
  if (columns === null) {
    for await (const page of table.pages(from))
      yield page.map((row) =>
        row.status === 'unreadable' ? row : assessRow(row, checks.assessor),
      );
    return;
  }
  let waiting: Row[] = [];
  let characters = 0;
  for await (const row of table.rows(from)) {
    waiting.push(row);
    if (row.status !== 'unreadable')
      characters += row.cells.reduce((sum, cell) => sum + cell.length, 0);
    if (waiting.length < rowsAtATime && characters < charactersAtATime) continue;
    yield await assessRows(waiting, columns, checks);
    waiting = [];
    characters = 0;
  }
  yield await assessRows(waiting, columns, checks);
}

/** Assesses the rows of a file, or rows like these. */
export async function assessRows(
  rows: readonly Row[],
  columns: RowColumns,
  { assessor, sources, findDrafts }: RowChecks,
): Promise<InputRow[]> {
  await sources.load(rows.flatMap((row) => (row.status === 'unreadable' ? [] : namesOf(row))));
  const drafts = rows.flatMap((row) =>
    row.status === 'unreadable' || row.derivedFrom === null ? [] : [row.derivedFrom],
  );
  const missing = findDrafts === null ? new Set() : await findDrafts(drafts);
  return rows.map((row) => {
    if (row.status === 'unreadable') return row;
    if (row.derivedFrom !== null && missing.has(row.derivedFrom))
      return toInvalidRow(row, [...row.problems, describeMissing(row, row.derivedFrom)]);
    if (row.status === 'invalid' || (namesOf(row).length === 0 && !columns.isNeeded))
      return assessRow(row, assessor);
    return assessEditRow(row, columns, { assessor, sources });
  });
}

function describeMissing({ row }: ReadableRow, id: string): RowProblem {
  const column = 'derived_from';
  const message = `${column}: ${formatMissingImage(id)}`;
  return buildProblem('unknown_image', message, { row, column, value: id });
}

function namesOf({ references: { images, mask, markup } }: ReadableRow): string[] {
  return [...images, mask, markup].filter((name) => name !== null);
}

function assessEditRow(
  row: ValidRow,
  columns: RowColumns,
  { assessor, sources }: Omit<RowChecks, 'findDrafts'>,
): InputRow {
  const resolved = resolveRow(row, columns, sources);
  if (resolved.status === 'unfit') return toInvalidRow(row, resolved.problems);
  const assessed = assessor.assess(resolved.request, resolved.pictures, resolved.hashes);
  return toInputRow(row, assessed, (param) => (/^images\b/.test(param) ? columns.image : param));
}

function assessRow(row: ReadableRow, assessor: Assessor): InputRow {
  if (row.status === 'invalid') return toInvalidRow(row, row.problems);
  return toInputRow(row, assessor.assess(row.request), (param) => param);
}

function toInputRow(
  row: ValidRow,
  assessed: AssessedRequest,
  columnOf: (param: string) => string,
): InputRow {
  if (assessed.status === 'accepted') return { row, ...assessed, status: 'valid' };
  const problems = assessed.problems.map(({ param, message }) =>
    buildProblem('unsupported_parameter', message, { row: row.row, column: columnOf(param) }),
  );
  return toInvalidRow(row, problems);
}

function toInvalidRow(row: ReadableRow, problems: readonly RowProblem[]): InputRow {
  return { status: 'invalid', row, problems: limitProblems(problems) };
}

/** The fields of a JSONL line that name pictures. */
export const columnsOfLines = { image: 'body.images', mask: 'body.mask', markup: 'body.markup' };

/** The names of the columns for pictures; null if the file has none and needs none. */
function columnsOf({
  summary,
  endpoint,
}: Extract<InputTable, { status: 'opened' }>): RowColumns | null {
  const isNeeded = endpoint === editsEndpoint;
  if (summary.format === 'jsonl') return { ...columnsOfLines, isNeeded };
  const named = (use: string) => summary.columns.find((column) => column.use === use)?.name;
  const image = named('image');
  const mask = named('mask');
  if (image === undefined && mask === undefined && !isNeeded) return null;
  return { image: image ?? 'image', mask: mask ?? 'mask', markup: 'markup', isNeeded };
}
