/**
 * Builds the request of a CSV row from the defaults and the row's cells. An empty cell keeps the
 * default.
 */
import type { CellReader, Cells } from '../csv/cell-reader.ts';
import type { CsvColumn, CsvColumns } from '../csv/column-names.ts';
import type { ColumnPlan } from '../csv/map-columns.ts';
import {
  isBlank,
  readBoolean,
  readJsonObject,
  readSize,
  readWholeNumber,
} from '../csv/read-cells.ts';
import { maxJsonFields, maxJsonLevels, maxJsonMembers } from '../../bounded-json.ts';
import { createPromptReader } from './read-prompt.ts';
import type { Notes } from '../problems/notes.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

/** Problems are added to `problems`. */
export type RequestReader = (cells: Cells, row: number, problems: RowProblem[]) => RawRequest;

const expectedJson =
  `a JSON object, with at most ${maxJsonLevels} objects and arrays inside each other, ` +
  `${maxJsonFields} fields in an object and ` +
  `${maxJsonMembers.toLocaleString('en')} fields and items in all`;

/** How a cell becomes a value, and what the message about an invalid cell says it takes. */
const cellReaders = {
  text: { read: (text: string) => text, expected: 'text' },
  size: { read: readSize, expected: 'a size' },
  number: { read: readWholeNumber, expected: 'a whole number' },
  boolean: { read: readBoolean, expected: 'true or false' },
  json: { read: readJsonObject, expected: expectedJson },
} as const;

export function createRequestReader(
  columns: CsvColumns,
  plan: ColumnPlan,
  defaults: RawRequest,
  reader: CellReader,
  notes: Notes,
  needsValues: boolean,
): RequestReader {
  const readPrompt = createPromptReader(plan.byName, defaults, reader, needsValues);
  const parameters = columns.parameters
    .filter(({ column }) => column !== 'prompt' && reader.has(column))
    .map(({ column, field, text }) => {
      const { read, expected } = cellReaders[text];
      const isSpelled = text === 'size' || text === 'number';
      return { column, field, read: readChanges(read), expected, isSpelled };
    });

  /** Notes a number or a size that is spelled in another way than Kiln writes it. */
  function noteSpelling(column: CsvColumn, text: string, value: unknown, row: number): void {
    const written = String(value);
    if (text === written) return;
    const name = reader.nameOf(column);
    notes.add(
      'spelling',
      { row, column: name },
      () => `${name}: ${quote(text)} was read as ${quote(written)}`,
    );
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
    for (const { column, field, read, expected, isSpelled } of parameters) {
      const text = reader.textOf(cells, column);
      if (text === '') continue;
      const value = read(text);
      if (value !== undefined) {
        request[field] = value;
        if (isSpelled) noteSpelling(column, text, value, row);
        continue;
      }
      const name = reader.nameOf(column);
      const message = `${name}: received ${quote(text)}; it takes ${expected}`;
      problems.push(buildProblem('invalid_value', message, { row, column: name, value: text }));
      // The problem is reported already, so the schema must not report the default or the text
      // again.
      delete request[field];
    }
    const metadata = readMetadata(cells);
    if (metadata !== undefined) request['metadata'] = metadata;
    return request;
  };
}

/** Most cells of such a column are equal to the one above, and are read once. */
function readChanges(read: (text: string) => unknown): (text: string) => unknown {
  let last = '';
  let value = read(last);
  return (text) => {
    if (text !== last) {
      value = read(text);
      last = text;
    }
    return value;
  };
}
