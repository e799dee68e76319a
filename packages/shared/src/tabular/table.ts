/**
 * The result of opening a table, whether CSV or JSONL: its summary, its rows in order, and the
 * problems of both. A caller handles the two formats alike; `csv/open-csv.ts` and
 * `jsonl/open-jsonl.ts` produce them.
 */
import type { RowRequest } from '../schemas/job-request.ts';
import type { CsvColumn } from './csv/column-names.ts';
import type { Delimiter } from './csv/detect-delimiter.ts';
import type { Encoding } from './text/encodings.ts';
import type { TabularLimits } from './limits.ts';
import type { RowFields } from './rows/row-fields.ts';
import type { Breaks } from '../event-loop.ts';
import type { Notes } from './problems/notes.ts';
import type { RowProblem } from './problems/row-problem.ts';

/**
 * A table with a problem of scope `file` cannot become a batch. If it could be opened nevertheless,
 * its rows can be read to find further problems.
 */
export type OpenedTable<Summary> =
  | {
      status: 'opened';
      summary: Summary;
      /** Problems found in the header row and the options. */
      problems: RowProblem[];
      /** What was forgiven; complete once the rows have been read to the end. */
      notes: Notes;
      /**
       * Reads the file from its beginning and yields the rows after row `from`. Of earlier rows it
       * only remembers the custom ids.
       */
      rows(from?: number): AsyncGenerator<Row>;
      /**
       * Yields the same rows in pages, as many at a time as are parsed already, because awaiting
       * each row takes longer than parsing it.
       */
      pages(from?: number): AsyncGenerator<Row[]>;
    }
  | { status: 'refused'; summary: Summary | null; problems: RowProblem[] };

export interface CsvSummary {
  format: 'csv';
  encoding: Encoding;
  bom: boolean;
  delimiter: Delimiter;
  /** The order is that of the file. */
  columns: ColumnUse[];
}

export interface ColumnUse {
  /** The name that the file writes. */
  name: string;
  /** What the column is used for. A `{{template}}` can still refer to a dropped column. */
  use: CsvColumn | 'metadata' | 'dropped';
}

export interface JsonlSummary {
  format: 'jsonl';
  encoding: Encoding;
}

/**
 * The fields of a request as the file gives them. The names are right; the types are not checked
 * yet.
 */
export type RawRequest = Record<string, unknown>;

interface RowFacts {
  /**
   * Counted from 1: CSV records after the header row, or JSONL lines. An empty JSONL line and a CSV
   * record with only empty cells are counted but not yielded; an empty line is not a CSV record.
   */
  row: number;
  customId: string | null;
  /** The name of the result in the archive. */
  filename: string | null;
  /**
   * File ids, ids of images, names of files uploaded with the batch, or `data:` URLs (JSONL only).
   */
  references: References;
  /**
   * How a JSONL line wants its pictures in the output file. It is not part of the request that is
   * sent.
   */
  responseFormat: 'url' | 'b64_json' | null;
  /** The image that the row's job finishes (JSONL only). */
  derivedFrom: string | null;
  /** The caller's cells, or the JSONL line, for failed.csv and failed.jsonl. */
  cells: readonly string[];
  problems: RowProblem[];
}

export interface References {
  images: string[];
  mask: string | null;
  /** Only JSONL rows can have one. */
  markup: string | null;
}

export type Row =
  | (RowFacts & { status: 'valid'; request: RowRequest })
  | (RowFacts & { status: 'invalid'; request: RawRequest })
  /** Nothing after this row can be read. The problem has scope `file`. */
  | { status: 'unreadable'; row: number; problems: RowProblem[] };

export interface TableOptions {
  /** The fields that rows may have. Default: those of `schemas/request-fields.ts`. */
  fields?: RowFields;
  /** Values for rows that do not set a field, including `prompt` and `metadata`. */
  defaults?: unknown;
  limits?: Partial<TabularLimits>;
  /** Facts from an earlier reading of the whole file, which are not determined again. */
  known?: KnownTable | undefined;
  /**
   * Guess the encoding of a CSV file from its beginning and confirm it while the rows are read, so
   * that the file is read once. Reading the rows throws `EncodingNotConfirmed` if the guess is
   * wrong or the rows end early; then open the table again without this.
   */
  isTentative?: boolean;
  /**
   * Checks the rules of the model and its provider, for rows whose shape is valid. `param` is a
   * field of the request.
   */
  check?: RequestCheck;
  /** The pauses of the reading, which also end it when its result is no longer wanted. */
  breaks?: Breaks;
}

export interface KnownTable {
  encoding: Encoding;
  /**
   * No row has a mistake: requests are not checked a second time, and no custom id is remembered.
   */
  isFaultless: boolean;
}

export type RequestCheck = (request: RowRequest) => readonly { param: string; message: string }[];

export async function* eachRow(pages: AsyncIterable<Row[]>): AsyncGenerator<Row> {
  for await (const page of pages) yield* page;
}
