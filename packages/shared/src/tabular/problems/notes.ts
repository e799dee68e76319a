/**
 * Notes say what reading a table has forgiven, so that a caller sees how the file was understood.
 * A note never keeps a row from running; what does is a problem (`problem-codes.ts`). Notes of the
 * same kind and column are counted together, with the first row that has it.
 */
import { truncate } from './row-problem.ts';

/** A test compares the list with docs/errors.md. */
export const noteCodes = [
  {
    code: 'judged_encoding',
    meaning:
      'Nothing said which encoding the file has. It was read as the one that fits its words.',
  },
  {
    code: 'separator_line',
    meaning: 'The first line, such as `sep=;`, names the delimiter. It is not a row.',
  },
  {
    code: 'type_line',
    meaning: 'The first line, `#TYPE …`, was written by PowerShell. It is not a row.',
  },
  {
    code: 'empty_rows_before_header',
    meaning: 'Empty rows before the header row were skipped. They are not counted as rows.',
  },
  {
    code: 'unnamed_columns',
    meaning: 'Columns without a name were ignored. A value in one is a problem of its row.',
  },
  {
    code: 'index_column',
    meaning: 'The first column numbers the rows, as pandas writes it. It was dropped.',
  },
  {
    code: 'invisible_characters',
    meaning: 'The name of a column has characters without width, which were ignored.',
  },
  {
    code: 'missing_cells',
    meaning: 'A row has fewer cells than the header row. The missing ones count as empty.',
  },
  {
    code: 'extra_empty_cells',
    meaning: 'A row has more cells than the header row, all of them empty. They were ignored.',
  },
  {
    code: 'space_before_quote',
    meaning: 'Spaces before the quotation mark that opens a cell were ignored.',
  },
  {
    code: 'spelling',
    meaning: 'A number or a size is spelled in another way, such as `2.0` or `1024×1024`.',
  },
  {
    code: 'byte_order_mark',
    meaning: 'A byte order mark inside the file, where two files were joined, was ignored.',
  },
  {
    code: 'end_of_file_mark',
    meaning: 'The file ends with Ctrl-Z (0x1A), as files of DOS do. It was ignored.',
  },
] as const satisfies readonly { code: string; meaning: string }[];

export type NoteCode = (typeof noteCodes)[number]['code'];

export interface Note {
  code: NoteCode;
  /** Describes the first case. */
  message: string;
  /** The first row with this note; null if it concerns the whole file. */
  row: number | null;
  column: string | null;
  /** The number of cases, each usually a row. */
  count: number;
}

interface NotePlace {
  row?: number;
  column?: string;
  count?: number;
}

export interface Notes {
  /** @param describe is called for the first case only */
  add(code: NoteCode, place: NotePlace, describe: () => string): void;
  list(): Note[];
}

/** Distinct notes that are kept: a few kinds for each column. */
const maxNotes = 200;

export function createNotes(): Notes {
  const notes = new Map<string, Note>();
  return {
    add(code, { row, column, count = 1 }, describe) {
      const key = column === undefined ? code : `${code} ${column}`;
      const known = notes.get(key);
      if (known !== undefined) known.count += count;
      else if (notes.size < maxNotes)
        notes.set(key, {
          code,
          message: describe(),
          row: row ?? null,
          column: column === undefined ? null : truncate(column),
          count,
        });
    },
    list: () => [...notes.values()],
  };
}
