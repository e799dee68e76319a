/** The CSV columns that Kiln knows, their aliases, and how names are compared. */
import { normaliseText } from '../../domain/text/normalise-text.ts';
import type { RequestFields } from '../../schemas/request-field.ts';
import { requestFields } from '../../schemas/request-fields.ts';

type Fields = typeof requestFields;
type FieldColumn = {
  [Name in keyof Fields]: Fields[Name]['csv'] extends readonly [
    infer Column extends string,
    ...unknown[],
  ]
    ? Column
    : never;
}[keyof Fields];

/** Columns that are not a field of the request. */
const rowColumns = {
  custom_id: ['customid', 'id', 'カスタムid', '識別子', '管理番号', '管理id'],
  filename: ['file_name', 'ファイル名', '出力ファイル名'],
} as const;

export type CsvColumn = FieldColumn | keyof typeof rowColumns;

/** What a column can be mapped to: a column that Kiln knows, metadata, or nothing (null). */
export type ColumnTarget = CsvColumn | 'metadata' | null;

/** Maps the caller's columns to Kiln's. */
export type ColumnMap = Readonly<Record<string, ColumnTarget>>;

/** How a cell writes a value. */
export type CellText = 'text' | 'size' | 'number' | 'boolean' | 'json';

export interface CsvColumns {
  names: readonly CsvColumn[];
  /** The columns for parameters of the request. */
  parameters: readonly { column: CsvColumn; field: string; text: CellText }[];
  /** The columns that refer to pictures. */
  pictures: readonly { column: CsvColumn; field: string }[];
  /** Finds the column for a name or an alias. */
  find(name: string): { column: CsvColumn; isAlias: boolean } | undefined;
  /** The same for the result of `normaliseName`. */
  findNormalised(name: string): { column: CsvColumn; isAlias: boolean } | undefined;
  has(name: string): name is CsvColumn;
}

/** Derives the columns from a table of request fields. */
export function buildCsvColumns(fields: RequestFields = requestFields): CsvColumns {
  const parameters: CsvColumns['parameters'][number][] = [];
  const pictures: CsvColumns['pictures'][number][] = [];
  const byName = new Map<string, { column: CsvColumn; isAlias: boolean }>();

  function add([column, ...aliases]: readonly [string, ...string[]]): CsvColumn {
    const known = column as CsvColumn;
    byName.set(column, { column: known, isAlias: false });
    for (const alias of aliases) byName.set(alias, { column: known, isAlias: true });
    return known;
  }

  for (const [field, { text, csv }] of Object.entries(fields)) {
    if (csv === null) continue;
    const column = add(csv);
    if (text === 'file') pictures.push({ column, field });
    else parameters.push({ column, field, text });
  }
  for (const [column, aliases] of Object.entries(rowColumns)) add([column, ...aliases]);
  const names = [...new Set([...byName.values()].map(({ column }) => column))];

  return {
    names,
    parameters,
    pictures,
    find: (name) => byName.get(normaliseName(name)),
    findNormalised: (name) => byName.get(name),
    has: (name): name is CsvColumn => byName.get(name)?.isAlias === false,
  };
}

export const csvColumns = buildCsvColumns();

/** Characters without width, such as a byte order mark or U+200B, and control characters. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\s)\p{Cc}/gu;

/** The name as a person sees it, without characters that have no width and without outer spaces. */
export function visibleName(name: string): string {
  return name.replaceAll(invisible, '').trim();
}

/** Printable ASCII without spaces, which has neither width nor characters that are not seen. */
const plain = /^[!-~]*$/;

/**
 * Two names are the same if they differ only in case, in width (ＩＤ, ﾌﾟﾛﾝﾌﾟﾄ), in characters that
 * are not seen, or in how their words are separated: by spaces, hyphens or underscores.
 */
export function normaliseName(name: string): string {
  // Every row asks for its first cells, and most of them are plain.
  if (plain.test(name)) return name.toLowerCase().replaceAll(/[_-]+/g, '_');
  return visibleName(normaliseText(name, 'NFKC'))
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}
