/**
 * Reads the prompt of a CSV row: its own or the default one, with `{{column}}` replaced by the
 * values of the row.
 */
import type { CellReader, Cells } from '../csv/cell-reader.ts';
import { isBlank } from '../csv/read-cells.ts';
import { buildProblem, truncate, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';
import { createTemplates, fillTemplate, isTemplate } from './template.ts';

/** The most UTF-16 units that a prompt of 32,000 characters can have. */
const promptUnits = 64_000;

export type PromptReader = (cells: Cells, row: number, problems: RowProblem[]) => unknown;

/** @param needsValues a row without a value for its template has a problem */
export function createPromptReader(
  columns: ReadonlyMap<string, number>,
  defaults: RawRequest,
  reader: CellReader,
  needsValues = false,
): PromptReader {
  const compile = createTemplates(columns);
  const column = reader.has('prompt') ? reader.nameOf('prompt') : null;
  return (cells, row, problems) => {
    const cell = reader.cellOf(cells, 'prompt');
    const prompt = isBlank(cell) ? defaults['prompt'] : cell;
    if (typeof prompt !== 'string' || !isTemplate(prompt)) return prompt;
    const template = compile(prompt);
    for (const name of new Set(template.unknown)) {
      const message =
        `{{${truncate(name, 60)}}} in the prompt is not a column of the file; write {{{{ for a ` +
        'literal {{';
      problems.push(buildProblem('unknown_column', message, { row, column, value: `{{${name}}}` }));
    }
    // A partly filled prompt might have further problems, which would only confuse.
    if (template.unknown.length > 0) return prompt;
    const empty = needsValues ? template.parts.filter((part) => isEmpty(part, cells)) : [];
    for (const index of new Set(empty)) {
      const name = reader.nameOf(index as number);
      const message = `${name}: is empty; the template uses {{${name}}}, which needs a text`;
      problems.push(buildProblem('missing_required_parameter', message, { row, column: name }));
    }
    if (empty.length > 0) return prompt;
    const filled = fillTemplate(template, cells, promptUnits);
    if (filled.status === 'filled') return filled.text;
    const message =
      `${column ?? 'prompt'}: has ${filled.length.toLocaleString('en')} characters after its ` +
      'templates are filled; at most 32,000 are allowed';
    problems.push(buildProblem('invalid_value', message, { row, column, value: prompt }));
    return prompt;
  };
}

/** Whether the part is a column in which the row has no value. */
function isEmpty(part: string | number, cells: Cells): boolean {
  return typeof part === 'number' && isBlank(cells[part] ?? '');
}
