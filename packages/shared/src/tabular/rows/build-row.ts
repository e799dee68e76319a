/** Builds a row from a CSV record: the request to submit, and every problem of the row. */
import { createCellReader, type Cells } from '../csv/cell-reader.ts';
import { createShapeCheck } from './check-request.ts';
import { checkCells, checkStructure, fitCells } from '../csv/check-structure.ts';
import { claimCustomId } from './claim-custom-id.ts';
import type { CustomIds } from './custom-ids.ts';
import { describeRules, describeShape, type FieldLocation } from '../problems/describe-problems.ts';
import { unguardCell } from '../csv/formula-guard.ts';
import { maxCells, type TabularLimits } from '../limits.ts';
import type { ColumnPlan } from '../csv/map-columns.ts';
import type { CsvRecord } from '../csv/parse-records.ts';
import { isBlank } from '../csv/read-cells.ts';
import { createHeaderCheck } from '../csv/repeated-header.ts';
import type { Notes } from '../problems/notes.ts';
import { createNameReader } from './read-names.ts';
import { createRequestReader } from './read-request.ts';
import type { RowFields } from './row-fields.ts';
import { buildProblem, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest, RequestCheck, Row } from '../table.ts';

export interface RowBuilderOptions {
  fields: RowFields;
  plan: ColumnPlan;
  defaults: RawRequest;
  limits: TabularLimits;
  ids: CustomIds;
  notes: Notes;
  check?: RequestCheck | undefined;
  /** A row needs a value for each column that its template names. */
  needsValues: boolean;
  /** The requests were checked before and all of them are right. */
  isFaultless: boolean;
}

export interface RowBuilder {
  /** Undefined when every cell is empty. */
  build(record: CsvRecord, row: number): Row | undefined;
  /** Remembers only the custom id of a row that is not needed. False when every cell is empty. */
  skip(record: CsvRecord, row: number): boolean;
}

export function createRowBuilder({
  fields,
  plan,
  defaults,
  limits,
  ids,
  notes,
  check,
  needsValues,
  isFaultless,
}: RowBuilderOptions): RowBuilder {
  const reader = createCellReader(fields.columns, plan, defaults);
  const readRequest = createRequestReader(
    fields.columns,
    plan,
    defaults,
    reader,
    notes,
    needsValues,
  );
  const names = createNameReader(fields.columns, reader, limits);
  const checkShape = createShapeCheck(fields, defaults);
  const findHeader = createHeaderCheck(fields.columns, plan);
  const idColumn = reader.nameOf('custom_id');

  function readCustomId(
    cells: readonly string[],
    row: number,
    problems: RowProblem[],
  ): string | null {
    const text = reader.textOf(cells, 'custom_id');
    return text === '' ? null : claimCustomId(text, row, idColumn, { ids, limits, problems });
  }

  function checkRequest(request: RawRequest, cells: readonly string[], row: number): RowProblem[] {
    if (isFaultless) return [];
    const locate = (param: string): FieldLocation => reader.locate(cells, param);
    const wrong = checkShape(request);
    if (wrong.length > 0) return describeShape(wrong, row, locate);
    return describeRules(check, request, row, locate);
  }

  /** A problem that leaves no cell of the row with a certain meaning. */
  function findBroken(record: CsvRecord, row: number): RowProblem | undefined {
    return findHeader(record.cells, row) ?? checkStructure(record, plan.headerCells, row, reader);
  }

  return {
    build(record, row) {
      const { cells } = record;
      if (cells.length > maxCells) return buildBroken(cells, row, [tooManyCells(cells, row)]);
      if (!unguard(cells)) return undefined;
      const broken = findBroken(record, row);
      if (broken) return buildBroken(cells, row, [broken]);
      fitCells(cells, plan, row, notes);
      const problems = checkCells(cells, plan, row, reader, limits, notes);
      const customId = readCustomId(cells, row, problems);
      // Reading a cell of a megabyte takes long, and would say no more.
      if (problems.some(({ code }) => code === 'cell_too_long'))
        return buildBroken(cells, row, problems, customId);
      const request = readRequest(cells, row, problems);
      const filename = names.filename(cells, row, problems);
      const references = names.references(cells, row, problems);
      for (const problem of checkRequest(request, cells, row)) problems.push(problem);
      const status = problems.length === 0 ? 'valid' : 'invalid';
      // A request without problems has passed the schema of a row, so the cast is safe.
      return {
        status,
        row,
        customId,
        filename,
        references,
        responseFormat: null,
        derivedFrom: null,
        cells,
        problems,
        request,
      } as Row;
    },
    skip(record, row) {
      if (record.cells.length > maxCells) return true;
      if (!unguard(record.cells)) return false;
      if (findBroken(record, row) === undefined) readCustomId(record.cells, row, []);
      return true;
    },
  };
}

function buildBroken(
  cells: Cells,
  row: number,
  problems: RowProblem[],
  customId: string | null = null,
): Row {
  const references = { images: [], mask: null, markup: null };
  const unread = {
    customId,
    filename: null,
    references,
    responseFormat: null,
    derivedFrom: null,
    request: {},
  };
  return { status: 'invalid', row, ...unread, cells, problems };
}

function tooManyCells({ length }: Cells, row: number): RowProblem {
  const message =
    `The row has ${length.toLocaleString('en')} cells; at most ` +
    `${maxCells.toLocaleString('en')} are allowed`;
  return buildProblem('wrong_cell_count', message, { row });
}

/** Removes the formula guard of each cell, in place. Returns false when every cell is blank. */
function unguard(cells: string[]): boolean {
  let isAny = false;
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? '';
    if (cell === '') continue;
    cells[index] = unguardCell(cell);
    isAny ||= !isBlank(cell);
  }
  return isAny;
}
