/** What reading a table gives: its summary, its rows in order, and what is wrong with either. */
import type { RowRequest } from '../schemas/job-request.ts';
import type { CsvColumn } from './csv/column-names.ts';
import type { Delimiter } from './csv/detect-delimiter.ts';
import type { Encoding } from './text/encodings.ts';
import type { TabularLimits } from './limits.ts';
import type { RowFields } from './rows/row-fields.ts';
import type { RowProblem } from './problems/row-problem.ts';

/**
 * With a problem of the file in it, no batch can be made; a table that was opened can still be read
 * for the others.
 */
export type OpenedTable<Summary> =
  | {
      status: 'opened';
      summary: Summary;
      /** What the header row and the options already show. */
      problems: RowProblem[];
      /**
       * Reads from the beginning each time, and yields what comes behind row `from`: the rows
       * before it are only looked through for custom ids.
       */
      rows(from?: number): AsyncGenerator<Row>;
      /**
       * The same, as many rows at a time as are there together: waiting for each would take longer
       * than reading it.
       */
      pages(from?: number): AsyncGenerator<Row[]>;
    }
  | { status: 'refused'; summary: Summary | null; problems: RowProblem[] };

export interface CsvSummary {
  format: 'csv';
  encoding: Encoding;
  bom: boolean;
  delimiter: Delimiter;
  /** In the order of the file. */
  columns: ColumnUse[];
}

export interface ColumnUse {
  /** As the file writes it. */
  name: string;
  /** What it became. A dropped column can still be named in a `{{template}}`. */
  use: CsvColumn | 'metadata' | 'dropped';
}

export interface JsonlSummary {
  format: 'jsonl';
  encoding: 'utf-8';
}

/**
 * Fields of a job as a file gives them: of the right names, and not yet known to be of the right
 * types.
 */
export type RawRequest = Record<string, unknown>;

interface RowFacts {
  /**
   * From 1: in CSV the record behind the header row, in JSONL the line. A JSONL line with nothing
   * in it, and a CSV record of empty cells, is counted and not yielded; an empty line is no CSV
   * record.
   */
  row: number;
  customId: string | null;
  /** Name inside the archive. */
  filename: string | null;
  /** File ids, names of files uploaded with the batch, or (JSONL) `data:` URLs. */
  references: References;
  /** What a JSONL line asks for; not part of the request that is sent. */
  responseFormat: 'url' | 'b64_json' | null;
  /** The caller's own cells, to be handed back; in JSONL the line. */
  cells: readonly string[];
  problems: RowProblem[];
}

export interface References {
  images: string[];
  mask: string | null;
  /** JSONL only. */
  markup: string | null;
}

export type Row =
  | (RowFacts & { status: 'valid'; request: RowRequest })
  | (RowFacts & { status: 'invalid'; request: RawRequest })
  /** The end of what can be read: the problem is the file's. */
  | { status: 'unreadable'; row: number; problems: RowProblem[] };

export interface TableOptions {
  /** What rows may hold. Default: the fields of `schemas/request-fields.ts`. */
  fields?: RowFields;
  /** Fields for rows that do not set them; `prompt` and `metadata` may be among them. */
  defaults?: unknown;
  limits?: Partial<TabularLimits>;
  /** What is known of a file that has been read to its end before: it is not looked for again. */
  known?: KnownTable | undefined;
  /**
   * The rules of the model and its provider, asked about rows whose shape is right. `param` is a
   * field of the request.
   */
  check?: RequestCheck;
}

export interface KnownTable {
  /** Of a CSV file. */
  encoding: Encoding;
  /** No custom id is there twice: none is remembered. */
  areIdsUnique: boolean;
}

export type RequestCheck = (request: RowRequest) => readonly { param: string; message: string }[];

export async function* eachRow(pages: AsyncIterable<Row[]>): AsyncGenerator<Row> {
  for await (const page of pages) yield* page;
}
