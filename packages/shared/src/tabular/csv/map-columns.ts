/**
 * Decides what each column of a CSV file becomes. A name that Kiln knows, or an alias, is a field;
 * the columns of an earlier failed.csv are dropped; every other named column is metadata;
 * `column_map` overrides all of these. Finds the problems of the header row, which are of scope
 * `file`. It does not read rows; `open-csv.ts` calls it once per file.
 */
import { metadataSchema } from '../../schemas/metadata.ts';
import {
  normaliseName,
  visibleName,
  type ColumnMap,
  type ColumnTarget,
  type CsvColumn,
  type CsvColumns,
} from './column-names.ts';
import { failureColumns } from './failure-columns.ts';
import type { Notes } from '../problems/notes.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { ColumnUse, RawRequest } from '../table.ts';

export interface ColumnPlan {
  /** The uses, in the order of the columns, without the unnamed columns after the last name. */
  uses: ColumnUse[];
  /** The cells of the header row, including those without a name after the last name. */
  headerCells: number;
  /** The indexes of the columns without a name, whose cells must be empty. */
  unnamed: readonly number[];
  /** The index of each column that Kiln knows and the file has. */
  known: Partial<Record<CsvColumn, number>>;
  metadata: { index: number; key: string }[];
  /** The index of every named column by its normalised name, for templates. */
  byName: ReadonlyMap<string, number>;
}

interface MapOptions {
  columns: CsvColumns;
  columnMap: ColumnMap;
  defaults: RawRequest;
  notes: Notes;
}

/** Line ends that only few programs write, and delimiters that Kiln does not read. */
const oddLineEnds: readonly [string, RegExp][] = [
  ['NEL (U+0085)', /\u0085/],
  ['line separators (U+2028)', /\u2028/],
  ['paragraph separators (U+2029)', /\u2029/],
  ['vertical tabs', /\v/],
  ['form feeds', /\f/],
  // oxlint-disable-next-line no-control-regex
  ['record separators (0x1E)', /\u001e/],
];

const besidePrompt = /prompt *([|:^~])|([|:^~]) *prompt\b/i;

/** What the header row seems to be written with, where that is why it has no columns. */
function describeSeparators(names: readonly string[]): string | undefined {
  const text = names.join(' ');
  const lineEnd = oddLineEnds.find(([, end]) => end.test(text));
  if (lineEnd !== undefined)
    return `Its lines seem to end with ${lineEnd[0]}; save the file with line feeds`;
  const [only = '', ...others] = names;
  const delimiter = others.length === 0 ? besidePrompt.exec(only) : null;
  if (delimiter === null) return undefined;
  const [, after, before = after] = delimiter;
  return `Its cells seem to be separated by "${before}"; save the file with commas or tabs`;
}

export function mapColumns(
  headerNames: readonly string[],
  { columns, columnMap, defaults, notes }: MapOptions,
): { plan: ColumnPlan; problems: RowProblem[] } {
  const names = headerNames.slice(0, headerNames.findLastIndex((name) => !isUnnamed(name)) + 1);
  noteNames(headerNames, notes);
  const mapped = readColumnMap(columns, columnMap, names);
  const uses = names.map((name, index) => ({
    name,
    use: useOf(columns, name, index, names, mapped.targets),
  }));
  const known = indexKnown(uses);
  const metadata = uses.flatMap(({ name, use }, index) =>
    use === 'metadata' ? [{ index, key: visibleName(name) }] : [],
  );
  const found = checkMetadata(metadata, defaults['metadata']);
  const problems = [...mapped.problems, ...findDuplicates(uses), ...found.problems];
  if (known.prompt === undefined && defaults['prompt'] === undefined) {
    const message =
      `There is no prompt column; the columns are ${listNames(names)}. ` +
      (describeSeparators(names) ??
        'Name one of them prompt or プロンプト, or map one with column_map');
    problems.push(buildProblem('missing_column', message));
  }
  const plan = {
    uses,
    known,
    headerCells: headerNames.length,
    unnamed: names.flatMap((name, index) => (isUnnamed(name) ? [index] : [])),
    metadata: found.metadata,
    byName: indexNames(names),
  };
  return { plan, problems };
}

function isUnnamed(name: string): boolean {
  return visibleName(name) === '';
}

/** The name that pandas gives the index column of a file that it reads and writes again. */
function isPandasIndex(name: string): boolean {
  return /^unnamed: ?0(\.\d+)?$/i.test(visibleName(name));
}

function noteNames(names: readonly string[], notes: Notes): void {
  // The first column may number the rows; `check-structure.ts` says so when its cells do.
  const unnamed = names.filter((name, index) => index > 0 && isUnnamed(name)).length;
  if (unnamed > 0)
    notes.add('unnamed_columns', { count: unnamed }, () => {
      const [are, their] = unnamed === 1 ? ['column has', 'its'] : ['columns have', 'their'];
      const count = unnamed.toLocaleString('en');
      return `${count} ${are} no name; ${their} empty cells are ignored`;
    });
  for (const name of names) {
    const visible = visibleName(name);
    if (visible !== '' && visible !== name.trim())
      notes.add(
        'invisible_characters',
        { column: visible },
        () => `The name of the column ${quote(visible)} has characters without width`,
      );
    if (isPandasIndex(name))
      notes.add(
        'index_column',
        { column: visible },
        () => `The column ${quote(visible)} numbers the rows; it is dropped`,
      );
  }
}

function readColumnMap(columns: CsvColumns, columnMap: ColumnMap, names: readonly string[]) {
  const targets = new Map<string, ColumnTarget>();
  const problems: RowProblem[] = [];
  const present = new Set(names.map(normaliseName));
  for (const [name, target] of Object.entries(columnMap)) {
    if (target !== null && target !== 'metadata' && !columns.has(target)) {
      const message =
        `column_map: ${quote(name)} maps to ${quote(String(target))}; it takes ` +
        `${columns.names.join(', ')}, metadata, or null to drop the column`;
      problems.push(
        buildProblem('invalid_column_map', message, { column: name, value: String(target) }),
      );
    } else if (!present.has(normaliseName(name))) {
      const message =
        `column_map: the file has no column ${quote(name)}; its columns ` +
        `are ${listNames(names)}`;
      problems.push(buildProblem('unknown_column', message, { column: name }));
    } else {
      targets.set(normaliseName(name), target);
    }
  }
  return { targets, problems };
}

function useOf(
  columns: CsvColumns,
  name: string,
  index: number,
  names: readonly string[],
  targets: ReadonlyMap<string, ColumnTarget>,
): ColumnUse['use'] {
  const normalised = normaliseName(name);
  const target = targets.get(normalised);
  if (target !== undefined) return target ?? 'dropped';
  if (normalised === '' || isPandasIndex(name) || isFailureColumn(index, names)) return 'dropped';
  const found = columns.find(name);
  if (found === undefined) return 'metadata';
  // With a `custom_id` column, or a column mapped to it, an `id` column is the caller's metadata.
  const isTaken =
    names.some((other) => normaliseName(other) === found.column) ||
    [...targets.values()].includes(found.column);
  return found.isAlias && isTaken ? 'metadata' : found.column;
}

/** Whether this is one of the two columns that Kiln appended to a failed.csv. */
function isFailureColumn(index: number, names: readonly string[]): boolean {
  const first = names.length - failureColumns.length;
  return index >= first && failureColumns.every((name, offset) => names[first + offset] === name);
}

function indexKnown(uses: readonly ColumnUse[]): ColumnPlan['known'] {
  const known: ColumnPlan['known'] = {};
  for (const [index, { use }] of uses.entries()) {
    if (use !== 'metadata' && use !== 'dropped') known[use] ??= index;
  }
  return known;
}

function indexNames(names: readonly string[]): Map<string, number> {
  const byName = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const normalised = normaliseName(name);
    if (normalised !== '' && !byName.has(normalised)) byName.set(normalised, index);
  }
  return byName;
}

/**
 * Finds columns with the same name or the same meaning. The columns of an earlier failed.csv do not
 * count: the caller may have an `error` column too.
 */
function findDuplicates(uses: readonly ColumnUse[]): RowProblem[] {
  const seen = new Map<string, number>();
  const names = uses.map(({ name }) => name);
  return uses.flatMap(({ name, use }, index) => {
    const normalised = normaliseName(name);
    if (normalised === '' || isFailureColumn(index, names)) return [];
    const isKnown = use !== 'metadata' && use !== 'dropped';
    const keys = isKnown ? [`=${use}`, normalised] : [normalised];
    const first = keys.map((key) => seen.get(key)).find((earlier) => earlier !== undefined);
    for (const key of keys) if (!seen.has(key)) seen.set(key, index);
    if (first === undefined) return [];
    const meaning = isKnown ? `, ${use}` : '';
    const message =
      `Columns ${first + 1} (${quote(uses[first]?.name ?? '')}) and ${index + 1} ` +
      `(${quote(name)}) have the same meaning${meaning}; rename one, or drop one with ` +
      'column_map';
    return [buildProblem('duplicate_header', message, { column: name })];
  });
}

function checkMetadata(metadata: ColumnPlan['metadata'], defaultMetadata: unknown) {
  const problems: RowProblem[] = [];
  const possible = metadata.filter(({ key }) => {
    if (key !== '__proto__' && metadataSchema.safeParse({ [key]: '' }).success) return true;
    const message =
      `Column ${quote(key)} would become metadata, whose names have 1 to 64 characters; rename ` +
      'it, or drop it with column_map';
    problems.push(buildProblem('invalid_header', message, { column: key }));
    return false;
  });
  const pairs = new Map(possible.map(({ key }) => [key, '']));
  for (const key of Object.keys(defaultMetadata ?? {})) pairs.set(key, '');
  if (metadataSchema.safeParse(Object.fromEntries(pairs)).success)
    return { metadata: possible, problems };
  const message =
    `${possible.length} columns would become metadata: ` +
    `${listNames(possible.map(({ key }) => key))}. A job has at most 16 ` +
    `pairs${defaultMetadata === undefined ? '' : ', including those of the defaults'}; drop ` +
    `columns with column_map, such as {${JSON.stringify(possible.at(-1)?.key ?? '')}: null}`;
  problems.push(buildProblem('too_many_metadata_columns', message));
  return { metadata: [], problems };
}

const listedNames = 20;

function listNames(names: readonly string[]): string {
  const more = names.length > listedNames ? ` and ${names.length - listedNames} more` : '';
  return `${names.slice(0, listedNames).map(quote).join(', ')}${more}`;
}
