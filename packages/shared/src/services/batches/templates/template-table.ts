/**
 * Turns a template and its values into the table of a batch: a column `prompt` with the template,
 * and one for each name. The rows are made one by one, because a matrix of a few lists may have
 * 100,000 combinations.
 */
import { KilnError } from '../../../errors.ts';
import type { TemplateRequest, TemplateValue } from '../../../schemas/batches/batch-template.ts';
import { uploadLimits } from '../../../domain/file-rules.ts';
import { csvColumns, normaliseName } from '../../../tabular/csv/column-names.ts';
import { isBlank } from '../../../tabular/csv/read-cells.ts';
import { buildLimits } from '../../../tabular/limits.ts';
import { quote } from '../../../tabular/problems/row-problem.ts';
import { variablesOf } from '../../../tabular/rows/template.ts';

export interface TemplateTable {
  /** The header row, and the number of rows below it. */
  columns: string[];
  count: number;
  rows(): Iterable<string[]>;
}

interface Column {
  name: string;
  /** Which names are the same, as in the header row of a CSV file. */
  key: string;
}

/**
 * Throws `invalid_request`, or `file_too_large` for a table that no file could hold.
 * @param mayMissValues rows may lack a value, because reading the table reports them one by one
 */
export function buildTemplateTable(
  { template, values, matrix }: Pick<TemplateRequest, 'template' | 'values' | 'matrix'>,
  { maxRows, mayMissValues }: { maxRows: number; mayMissValues: boolean },
): TemplateTable {
  if ((values === undefined) === (matrix === undefined))
    throw refuse(
      'values',
      values === undefined
        ? 'is missing; a template takes values (a row each) or matrix (a list for each variable)'
        : 'received both values and matrix; send one of them',
    );
  const variables = variablesOf(template);
  const table =
    values === undefined
      ? fromMatrix(matrix ?? {}, variables, maxRows)
      : fromValues(values, variables, { maxRows, mayMissValues });
  const bytes = Buffer.byteLength(template) * table.count;
  if (bytes > uploadLimits.batch)
    throw new KilnError(
      'file_too_large',
      `template: ${table.count.toLocaleString('en')} rows with it have at least ` +
        `${bytes.toLocaleString('en')} bytes; a batch may have ` +
        `${uploadLimits.batch.toLocaleString('en')}. Shorten the template, or make several batches`,
      { param: 'template' },
    );
  return {
    columns: ['prompt', ...table.columns],
    count: table.count,
    *rows() {
      for (const cells of table.rows()) yield [template, ...cells];
    },
  };
}

function fromValues(
  values: readonly Readonly<Record<string, TemplateValue>>[],
  variables: readonly Column[],
  { maxRows, mayMissValues }: { maxRows: number; mayMissValues: boolean },
): TemplateTable {
  if (values.length > maxRows)
    throw refuse('values', `has ${rowsText(values.length)}; ${mostRows(maxRows)}`);
  const columns = new Map<string, Column>();
  const rows = values.map((row, index) => {
    const cells = new Map<string, string>();
    for (const [name, value] of Object.entries(row)) {
      const column = { name, key: keyOf(name, `values.${index}`) };
      if (cells.has(column.key))
        throw refuse(
          `values.${index}.${name}`,
          `${quote(name)} is there twice: case, spaces, hyphens and underscores make no difference`,
        );
      cells.set(column.key, textOf(value));
      if (!columns.has(column.key)) columns.set(column.key, column);
    }
    return cells;
  });
  checkColumns([...columns.values()], variables, 'values');
  if (!mayMissValues) checkValues(rows, variables);
  const keys = [...columns.keys()];
  return {
    columns: [...columns.values()].map(({ name }) => name),
    count: rows.length,
    *rows() {
      for (const cells of rows) yield keys.map((key) => cells.get(key) ?? '');
    },
  };
}

function fromMatrix(
  matrix: Readonly<Record<string, readonly TemplateValue[]>>,
  variables: readonly Column[],
  maxRows: number,
): TemplateTable {
  const lists = Object.entries(matrix).map(([name, values]) => ({
    name,
    key: keyOf(name, 'matrix'),
    texts: values.map(textOf),
  }));
  checkColumns(lists, variables, 'matrix');
  for (const [index, { name, key, texts }] of lists.entries()) {
    if (lists.findIndex((other) => other.key === key) < index)
      throw refuse(
        `matrix.${name}`,
        'is there twice: case, spaces, hyphens and underscores make no difference',
      );
    const isVariable = variables.some((variable) => variable.key === key);
    // Any other name would multiply the rows by pictures that are the same.
    if (!isVariable && csvColumns.find(name) === undefined)
      throw refuse(
        `matrix.${name}`,
        `the template has no {{${name}}}; it takes ${listNames(variables)}, and ` +
          csvColumns.names.filter((each) => each !== 'prompt').join(', '),
      );
    for (const [at, text] of texts.entries()) {
      if (isVariable && isBlank(text))
        throw refuse(`matrix.${name}.${at}`, `received ${quote(text)}; {{${name}}} needs a text`);
      const first = texts.indexOf(text);
      if (first < at)
        throw refuse(
          `matrix.${name}.${at}`,
          `received ${quote(text)}, which is also matrix.${name}.${first}; the same pictures ` +
            'would be made twice',
        );
    }
  }
  const count = lists.reduce((product, { texts }) => product * texts.length, 1);
  if (count > maxRows)
    throw refuse('matrix', `has ${rowsText(count)} (combinations); ${mostRows(maxRows)}`);
  return {
    columns: lists.map(({ name }) => name),
    count,
    *rows() {
      for (let row = 0; row < count; row += 1) yield combination(lists, row);
    },
  };
}

/** The last list changes fastest, like the digits of a number. */
function combination(lists: readonly { texts: readonly string[] }[], row: number): string[] {
  let rest = row;
  return lists
    .toReversed()
    .map(({ texts }) => {
      const text = texts[rest % texts.length] ?? '';
      rest = Math.floor(rest / texts.length);
      return text;
    })
    .toReversed();
}

function checkColumns(
  columns: readonly Column[],
  variables: readonly Column[],
  field: 'values' | 'matrix',
): void {
  const most = buildLimits().columns - 1; // the template is one
  if (columns.length > most)
    throw refuse(field, `has ${columns.length} names; at most ${most} are allowed`);
  const missing = variables.filter(({ key }) => columns.every((column) => column.key !== key));
  if (missing.length > 0)
    throw refuse(
      'template',
      `uses ${listNames(missing)}, but ${field} has no such name; it has ` +
        `${columns.map(({ name }) => quote(name)).join(', ') || 'none'}. ` +
        'Write {{{{ for a literal {{',
    );
}

const mostListed = 5;

function checkValues(
  rows: readonly ReadonlyMap<string, string>[],
  variables: readonly Column[],
): void {
  const missing = rows.flatMap((cells, index) =>
    variables.flatMap(({ name, key }) => {
      const text = cells.get(key);
      if (text !== undefined && !isBlank(text)) return [];
      const what = text === undefined ? 'is missing' : `received ${quote(text)}`;
      return [{ param: `values.${index}.${name}`, message: `${what}; {{${name}}} needs a text` }];
    }),
  );
  const [first] = missing;
  if (first === undefined) return;
  const listed = missing.slice(0, mostListed).map(({ param, message }) => `${param}: ${message}`);
  const others = missing.length - listed.length;
  const more = others > 0 ? `; and ${others.toLocaleString('en')} more` : '';
  throw new KilnError('invalid_request', `${listed.join('; ')}${more}`, { param: first.param });
}

/** Throws for a name that the header row of a CSV file could not have. */
function keyOf(name: string, field: string): string {
  const key = normaliseName(name);
  if (key === '') throw refuse(field, `received the name ${quote(name)}, which is empty`);
  if (csvColumns.find(name)?.column === 'prompt')
    throw refuse(`${field}.${name}`, 'the template is the prompt; use another name');
  return key;
}

function textOf(value: TemplateValue): string {
  return value === null ? '' : String(value);
}

function listNames(variables: readonly Column[]): string {
  return variables.map(({ name }) => `{{${name}}}`).join(', ') || 'no variable';
}

function rowsText(count: number): string {
  return `${count.toLocaleString('en')} rows`;
}

function mostRows(maxRows: number): string {
  return `a batch may have ${maxRows.toLocaleString('en')} (KILN_MAX_BATCH_ROWS)`;
}

function refuse(param: string, reason: string): KilnError {
  return new KilnError('invalid_request', `${param}: ${reason}`, { param });
}
