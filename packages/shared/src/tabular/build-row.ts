/** Makes a row of a CSV record: the request as it will be submitted, and everything that is wrong with it. */
import { createShapeCheck } from './check-request.ts';
import type { OurColumn } from './column-names.ts';
import type { CustomIds } from './custom-ids.ts';
import { describeRules, describeShape, type FieldPlace } from './describe-problems.ts';
import { unguardCell } from './formula-guard.ts';
import type { TabularLimits } from './limits.ts';
import type { ColumnPlan } from './map-columns.ts';
import { isBlank, isFilename, readImages, readWholeNumber } from './read-cells.ts';
import type { CsvRecord } from './parse-records.ts';
import { claimCustomId } from './claim-custom-id.ts';
import { buildProblem, cut, quote, type RowProblem } from './row-problem.ts';
import type { RawRequest, RequestCheck, Row } from './table.ts';
import { createTemplates, fillTemplate, isTemplate } from './template.ts';

export interface RowBuilderOptions {
  plan: ColumnPlan;
  defaults: RawRequest;
  limits: TabularLimits;
  ids: CustomIds;
  check?: RequestCheck | undefined;
}

export interface RowBuilder {
  /** Undefined for a row with nothing in any cell. */
  build(record: CsvRecord, row: number): Row | undefined;
  /** For a row that is not wanted: remembers its custom id. False for a row with nothing in any cell. */
  skip(record: CsvRecord, row: number): boolean;
}

const textColumns = ['model', 'size', 'quality', 'background', 'output_format', 'moderation'] as const;
const numberColumns = ['n', 'output_compression'] as const;
/** No prompt is longer: 32,000 characters, of two units at most. */
const promptUnits = 64_000;

export function createRowBuilder({ plan, defaults, limits, ids, check }: RowBuilderOptions): RowBuilder {
  const checkShape = createShapeCheck(defaults);
  const compile = createTemplates(plan.byName);
  const width = plan.uses.length;
  const { own } = plan;
  const defaultMetadata = defaults['metadata'] as Record<string, string> | undefined;
  const unnamed = plan.uses.flatMap(({ name }, index) => (isBlank(name) ? [index] : []));
  const keys = new Map(plan.metadata.map(({ index, key }) => [`metadata.${key}`, index]));
  const texts = textColumns.filter((column) => own[column] !== undefined);
  const numbers = numberColumns.filter((column) => own[column] !== undefined);

  const nameOf = (index: number | undefined): string =>
    index === undefined ? '' : (plan.uses[index]?.name ?? '').trim() || `column ${index + 1}`;

  function textOf(cells: readonly string[], column: OurColumn): string {
    const index = own[column];
    return index === undefined ? '' : (cells[index] ?? '').trim();
  }

  function locate(cells: readonly string[], param: string): FieldPlace {
    const index = keys.get(param) ?? own[param as OurColumn];
    const cell = index === undefined ? undefined : cells[index];
    if (index !== undefined && (param === 'prompt' || !isBlank(cell ?? ''))) {
      return { column: nameOf(index), name: nameOf(index), value: cell ?? null };
    }
    const [field = param] = param.split('.');
    const isDefault = field in defaults;
    return { column: null, name: isDefault ? `${param} (of the defaults)` : param, value: null };
  }

  /** Structural mistakes only: what stands in which column cannot be told then. */
  function checkStructure({ cells, strayQuote }: CsvRecord, row: number): RowProblem[] {
    if (strayQuote !== undefined) {
      const column = nameOf(strayQuote);
      const message = `${column}: text follows the quotation mark that closes the cell; write a quotation mark inside a quoted cell twice, and close the cell before the next delimiter`;
      return [buildProblem('stray_quote', message, { row, column, value: cells[strayQuote] ?? null })];
    }
    if (cells.length === width) return [];
    const hint =
      cells.length > width
        ? 'put a cell that holds the delimiter in quotation marks'
        : `the first that is missing is ${quote(nameOf(cells.length))}`;
    const message = `The row has ${cells.length} cells; the header row has ${width}; ${hint}`;
    return [buildProblem('wrong_cell_count', message, { row, value: cells.slice(0, width + 1).join(' | ') })];
  }

  function checkCells(cells: readonly string[], row: number, problems: RowProblem[]): void {
    for (const [index, cell] of cells.entries()) {
      if (cell.length <= limits.cellCharacters) continue;
      const message = `${nameOf(index)}: has ${cell.length.toLocaleString('en')} characters; at most ${limits.cellCharacters.toLocaleString('en')} are read`;
      problems.push(buildProblem('cell_too_long', message, { row, column: nameOf(index), value: cell }));
    }
    for (const index of unnamed) {
      const cell = cells[index] ?? '';
      if (isBlank(cell)) continue;
      const message = `Column ${index + 1} has a value and no name in the header row; name it, or empty it`;
      problems.push(buildProblem('wrong_cell_count', message, { row, column: nameOf(index), value: cell }));
    }
  }

  function readPrompt(cells: readonly string[], row: number, problems: RowProblem[]): unknown {
    const cell = own.prompt === undefined ? '' : (cells[own.prompt] ?? '');
    const prompt = isBlank(cell) ? defaults['prompt'] : cell;
    if (typeof prompt !== 'string' || !isTemplate(prompt)) return prompt;
    const template = compile(prompt);
    const column = own.prompt === undefined ? null : nameOf(own.prompt);
    for (const name of new Set(template.unknown)) {
      const message = `{{${cut(name, 60)}}} in the prompt names no column; write {{{{ for {{ itself`;
      problems.push(buildProblem('unknown_column', message, { row, column, value: `{{${name}}}` }));
    }
    const filled = fillTemplate(template, cells, promptUnits);
    if (filled.status === 'filled') return filled.text;
    const message = `${column ?? 'prompt'}: has ${filled.length.toLocaleString('en')} characters with its templates filled; at most 32,000 characters are allowed`;
    problems.push(buildProblem('invalid_value', message, { row, column, value: prompt }));
    return prompt;
  }

  function readMetadata(cells: readonly string[]): Record<string, string> | undefined {
    let pairs: Record<string, string> | undefined;
    for (const { index, key } of plan.metadata) {
      const cell = cells[index] ?? '';
      if (isBlank(cell)) continue;
      pairs ??= { ...defaultMetadata };
      pairs[key] = cell;
    }
    return pairs;
  }

  function readRequest(cells: readonly string[], row: number, problems: RowProblem[]): RawRequest {
    const request: RawRequest = { ...defaults };
    const prompt = readPrompt(cells, row, problems);
    if (prompt !== undefined) request['prompt'] = prompt;
    for (const column of texts) {
      const text = textOf(cells, column);
      if (text !== '') request[column] = text;
    }
    for (const column of numbers) {
      const text = textOf(cells, column);
      if (text === '') continue;
      const number = readWholeNumber(text);
      if (number !== undefined) {
        request[column] = number;
        continue;
      }
      delete request[column];
      const name = nameOf(own[column]);
      const message = `${name}: received ${quote(text)}; it takes a whole number`;
      problems.push(buildProblem('invalid_value', message, { row, column: name, value: text }));
    }
    const metadata = readMetadata(cells);
    if (metadata !== undefined) request['metadata'] = metadata;
    return request;
  }

  function readReferences(cells: readonly string[], row: number, problems: RowProblem[]) {
    const images = own.image === undefined ? [] : readImages(textOf(cells, 'image'));
    const mask = own.mask === undefined ? '' : textOf(cells, 'mask');
    if (images.length > limits.images) {
      const name = nameOf(own.image);
      const message = `${name}: names ${images.length} images; at most ${limits.images} are allowed`;
      problems.push(
        buildProblem('invalid_value', message, { row, column: name, value: textOf(cells, 'image') }),
      );
    }
    if (mask !== '' && images.length === 0) {
      const name = nameOf(own.mask);
      const message = `${name}: there is a mask and no image it belongs to`;
      problems.push(buildProblem('missing_required_parameter', message, { row, column: name, value: mask }));
    }
    return { images: images.slice(0, limits.images), mask: mask === '' ? null : mask };
  }

  function readFilename(cells: readonly string[], row: number, problems: RowProblem[]): string | null {
    const text = own.filename === undefined ? '' : textOf(cells, 'filename');
    if (text === '') return null;
    if (isFilename(text) && text.length <= limits.filenameCharacters) return text;
    const name = nameOf(own.filename);
    const message = `${name}: received ${quote(text)}; it takes a file name of at most ${limits.filenameCharacters} characters, without a folder`;
    problems.push(buildProblem('invalid_value', message, { row, column: name, value: text }));
    return null;
  }

  function readCustomId(cells: readonly string[], row: number, problems: RowProblem[]): string | null {
    const text = own.custom_id === undefined ? '' : textOf(cells, 'custom_id');
    if (text === '') return null;
    return claimCustomId(text, row, nameOf(own.custom_id), { ids, limits, problems });
  }

  return {
    build(record, row) {
      const { cells } = record;
      if (!unguard(cells)) return undefined;
      const problems = checkStructure(record, row);
      if (problems.length > 0) {
        const references = { images: [], mask: null };
        const facts = {
          row,
          customId: null,
          filename: null,
          references,
          responseFormat: null,
          cells,
          problems,
        };
        return { status: 'invalid', ...facts, request: {} };
      }
      checkCells(cells, row, problems);
      const customId = readCustomId(cells, row, problems);
      const request = readRequest(cells, row, problems);
      const filename = readFilename(cells, row, problems);
      const references = readReferences(cells, row, problems);
      const wrong = checkShape(request);
      const locateHere = (param: string): FieldPlace => locate(cells, param);
      problems.push(
        ...(wrong.length > 0
          ? describeShape(wrong, row, locateHere)
          : describeRules(check, request, row, locateHere)),
      );
      const status = problems.length === 0 ? 'valid' : 'invalid';
      const facts = { row, customId, filename, references, responseFormat: null, cells, problems };
      return { status, ...facts, request } as Row;
    },
    skip(record, row) {
      if (!unguard(record.cells)) return false;
      if (checkStructure(record, row).length === 0) readCustomId(record.cells, row, []);
      return true;
    },
  };
}

/** Takes the guard off each cell, in place. False where all of them are blank. */
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
