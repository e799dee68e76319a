/**
 * The request of a CSV row, as it will be submitted: the defaults, and over them what its cells
 * say. An empty cell says nothing.
 */
import type { CellReader, Cells } from '../csv/cell-reader.ts';
import type { ColumnPlan } from '../csv/map-columns.ts';
import { isBlank, readWholeNumber } from '../csv/read-cells.ts';
import { createPromptReader } from './read-prompt.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

const textColumns = [
  'model',
  'size',
  'quality',
  'background',
  'output_format',
  'moderation',
] as const;
const numberColumns = ['n', 'output_compression'] as const;

export type RequestReader = (cells: Cells, row: number, problems: RowProblem[]) => RawRequest;

export function createRequestReader(
  plan: ColumnPlan,
  defaults: RawRequest,
  reader: CellReader,
): RequestReader {
  const readPrompt = createPromptReader(plan.byName, defaults, reader);
  const texts = textColumns.filter(reader.has);
  const numbers = numberColumns.filter(reader.has);

  function readNumber(
    column: (typeof numberColumns)[number],
    cells: Cells,
    row: number,
    problems: RowProblem[],
  ) {
    const text = reader.textOf(cells, column);
    const number = readWholeNumber(text);
    if (number !== undefined) return number;
    const name = reader.nameOf(column);
    const message = `${name}: received ${quote(text)}; it takes a whole number`;
    problems.push(buildProblem('invalid_value', message, { row, column: name, value: text }));
    return undefined;
  }

  function readMetadata(cells: Cells): Record<string, string> | undefined {
    let pairs: Record<string, string> | undefined;
    for (const { index, key } of plan.metadata) {
      const cell = cells[index] ?? '';
      if (isBlank(cell)) continue;
      pairs ??= { ...(defaults['metadata'] as Record<string, string> | undefined) };
      pairs[key] = cell;
    }
    return pairs;
  }

  return (cells, row, problems) => {
    const request: RawRequest = { ...defaults };
    const prompt = readPrompt(cells, row, problems);
    if (prompt !== undefined) request['prompt'] = prompt;
    for (const column of texts) {
      const text = reader.textOf(cells, column);
      if (text !== '') request[column] = text;
    }
    for (const column of numbers) {
      if (reader.textOf(cells, column) === '') continue;
      const number = readNumber(column, cells, row, problems);
      // Told already; its shape is not to be told a second time.
      if (number === undefined) delete request[column];
      else request[column] = number;
    }
    const metadata = readMetadata(cells);
    if (metadata !== undefined) request['metadata'] = metadata;
    return request;
  };
}
