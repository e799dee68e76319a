/**
 * Opens a CSV file of any size. It detects the encoding, the delimiter and the columns first, and
 * then yields the rows in pages without holding the file in memory. Invalid rows are yielded with
 * their problems; `openCsv` says what is thrown. Rules of the model are not checked here but by
 * `check` of the options. Used to validate a batch and to create its jobs.
 */
import { createRowBuilder } from '../rows/build-row.ts';
import type { ColumnMap } from './column-names.ts';
import { createCustomIds, uniqueIds } from '../rows/custom-ids.ts';
import {
  detectDelimiter,
  type Delimiter,
  type Header,
  type HeaderFinding,
} from './detect-delimiter.ts';
import {
  detectEncoding,
  guessEncoding,
  readHead,
  type EncodingFinding,
} from '../text/detect-encoding.ts';
import type { Encoding } from '../text/encodings.ts';
import { buildLimits, maxCells, type TabularLimits } from '../limits.ts';
import { locateRow } from './locate-row.ts';
import { mapColumns, type ColumnPlan } from './map-columns.ts';
import { EncodingNotConfirmed, type OpenBytes } from '../text/open-bytes.ts';
import { readUtf8 } from '../text/read-utf8.ts';
import { readDefaults } from '../rows/read-defaults.ts';
import { rowFields, type RowFields } from '../rows/row-fields.ts';
import type { RecordFault } from './parse-records.ts';
import { readRecords } from './read-records.ts';
import { noRows, tooManyBlankRows, tooManyRows } from '../problems/row-counts.ts';
import { createNotes, type Notes } from '../problems/notes.ts';
import { createBreaks, type Breaks } from '../../event-loop.ts';
import { withoutEndMark } from '../text/end-mark.ts';
import { isBlank } from './read-cells.ts';
import { createSpaceRemover } from './spaces-before-quotes.ts';
import { buildProblem, type RowProblem } from '../problems/row-problem.ts';
import {
  eachRow,
  type CsvSummary,
  type OpenedTable,
  type RawRequest,
  type Row,
  type TableOptions,
} from '../table.ts';

export interface CsvOptions extends TableOptions {
  encoding?: Encoding;
  delimiter?: Delimiter;
  columnMap?: ColumnMap;
  /** A row needs a value for each column that its template names. Default: it may be empty. */
  needsValues?: boolean;
}

/**
 * Returns the problems of the file. It throws only what `open` throws, and `EncodingNotConfirmed`
 * while the rows of a tentative table are read. `open` is called once for each call of `rows`.
 * Before that it is called once for the start of a file whose encoding is known or guessed, else
 * several times for the whole file when it is not UTF-8.
 */
export async function openCsv(
  open: OpenBytes,
  options: CsvOptions = {},
): Promise<OpenedTable<CsvSummary>> {
  if (options.known !== undefined)
    return openEncoded(open, await readHead(open, options.known.encoding), options, true);
  const guess =
    options.isTentative === true ? await guessEncoding(open, options.encoding) : undefined;
  if (guess !== undefined) {
    const table = await openEncoded(open, guess, options, false);
    if (table.status === 'opened') return table; // a refusal has to be certain
  }
  const found = await detectEncoding(open, {
    given: options.encoding,
    breaks: options.breaks,
    locateRow: (bytes, offset) => locateRow(bytes, offset, buildLimits(options.limits).recordBytes),
  });
  return openEncoded(open, found, options, true);
}

async function openEncoded(
  open: OpenBytes,
  found: EncodingFinding,
  options: CsvOptions,
  isCertain: boolean,
): Promise<OpenedTable<CsvSummary>> {
  if (found.status === 'refused') return refuse([found.problem]);
  const limits = buildLimits(options.limits);
  const { encoding, bom, head } = found;
  const notes = createNotes();
  const { columnMap = {}, delimiter: given, fields = rowFields } = options;
  const mapped = Object.keys(columnMap);
  const { recordBytes } = limits;
  const finding = await detectDelimiter({
    head,
    encoding,
    delimiter: given,
    recordBytes,
    columns: fields.columns,
    mapped,
  });
  if (finding.status !== 'found') return refuse([describeHeader(finding)]);
  const { delimiter, names, recordsBefore } = finding.header;
  noteHeader(finding.header, notes);
  if (found.isJudged) noteEncoding(encoding, notes);
  if (names.length > maxCells) {
    const count = names.length.toLocaleString('en');
    const message = `The header row has ${count} cells; at most 16,384 are allowed`;
    return refuse([buildProblem('too_many_columns', message)]);
  }
  const named = names.filter((name) => !isBlank(name)).length;
  if (named > limits.columns) {
    const message =
      `The header row has ${named.toLocaleString('en')} columns with a name; at most ` +
      `${limits.columns} are allowed`;
    return refuse([buildProblem('too_many_columns', message)]);
  }
  const { defaults, problems: defaultsProblems } = readDefaults(fields, options.defaults);
  const { plan, problems: columnProblems } = mapColumns(names, {
    columns: fields.columns,
    columnMap,
    defaults,
    notes,
  });
  const summary: CsvSummary = { format: 'csv', encoding, bom, delimiter, columns: plan.uses };
  const problems = [...defaultsProblems, ...columnProblems];
  // Without a prompt column every row would report the same problem.
  if (columnProblems.some(({ code }) => code === 'missing_column'))
    return refuse(problems, summary);
  const { check } = options;
  const isFaultless = options.known?.isFaultless ?? false;
  const reading = {
    open,
    fields,
    encoding,
    isCertain,
    isDeclared: options.encoding !== undefined,
    delimiter,
    plan,
    defaults,
    limits,
    check,
    needsValues: options.needsValues ?? false,
    isFaultless,
    recordsBefore,
    notes,
    breaks: options.breaks ?? createBreaks(),
  };
  const pages = (from = 0) => readPages(reading, from);
  return {
    status: 'opened',
    summary,
    problems,
    notes,
    pages,
    rows: (from) => eachRow(pages(from)),
  };
}

function noteEncoding(encoding: Encoding, notes: Notes): void {
  notes.add(
    'judged_encoding',
    {},
    () =>
      `Nothing says which encoding the file has; it was read as ${encoding}, which is the only ` +
      'one in which it reads like a language. Name it in `encoding` to be sure',
  );
}

function noteHeader(
  { delimiter, recordsBefore, separatorLine, hasTypeLine }: Header,
  notes: Notes,
): void {
  if (hasTypeLine)
    notes.add('type_line', {}, () => 'The first line, #TYPE, was ignored; PowerShell writes it');
  if (separatorLine !== null) {
    const isUsed = separatorLine === delimiter;
    const reason = isUsed ? 'names the delimiter' : `was ignored; the delimiter is "${delimiter}"`;
    notes.add('separator_line', {}, () => `The first line, sep=${separatorLine}, ${reason}`);
  }
  const emptyRows = recordsBefore - (separatorLine === null && !hasTypeLine ? 0 : 1);
  if (emptyRows > 0)
    notes.add(
      'empty_rows_before_header',
      { count: emptyRows },
      () => 'There are empty rows before the header row; they are not counted as rows',
    );
}

function refuse(
  problems: RowProblem[],
  summary: CsvSummary | null = null,
): OpenedTable<CsvSummary> {
  return { status: 'refused', summary, problems };
}

/** The most rows in a page. A slice of the file may hold very many short rows. */
const rowsOfPage = 100;

interface Reading {
  open: OpenBytes;
  fields: RowFields;
  encoding: Encoding;
  isCertain: boolean;
  /** The caller names the encoding. */
  isDeclared: boolean;
  delimiter: Delimiter;
  plan: ColumnPlan;
  defaults: RawRequest;
  limits: TabularLimits;
  check: CsvOptions['check'];
  needsValues: boolean;
  isFaultless: boolean;
  /** Records before the header row. */
  recordsBefore: number;
  notes: Notes;
  breaks: Breaks;
}

async function* readPages(reading: Reading, from: number): AsyncGenerator<Row[]> {
  const { open, encoding, isCertain, isDeclared, delimiter, plan, limits, breaks } = reading;
  const ids = reading.isFaultless ? uniqueIds : createCustomIds();
  const builder = createRowBuilder({ ...reading, ids });
  // Record 0 is the header row.
  let row = -1 - reading.recordsBefore;
  let rowsRead = 0;
  let blankRows = 0;
  let page: Row[] = [];
  const utf8 = readUtf8(open, encoding, { isCertain, isDeclared });
  const batches = readRecords(cleanPieces(reading, utf8), {
    delimiter,
    recordBytes: limits.recordBytes,
  });
  for await (const { records, emptyLines, fault } of batches) {
    blankRows += emptyLines;
    if (breaks.isDue()) await breaks.take();
    for (const record of records) {
      row += 1;
      if (row <= 0) continue;
      if (breaks.isDue()) await breaks.take();
      const built = row > from ? builder.build(record, row) : builder.skip(record, row);
      if (built === undefined || built === false) {
        blankRows += 1;
        if (blankRows > limits.blankRows) break;
        continue;
      }
      rowsRead += 1;
      if (rowsRead > limits.rows) {
        if (!isCertain) throw unconfirmed();
        page.push({ status: 'unreadable', row, problems: [tooManyRows(row, limits)] });
        yield page;
        return;
      }
      if (built === true) continue;
      page.push(built);
      if (page.length < rowsOfPage) continue;
      yield page;
      page = [];
    }
    const isTooBlank = blankRows > limits.blankRows;
    if ((fault || isTooBlank) && !isCertain) throw unconfirmed();
    if (isTooBlank) {
      const problems = [tooManyBlankRows(Math.max(1, row), limits)];
      page.push({ status: 'unreadable', row: Math.max(1, row), problems });
      yield page;
      return;
    }
    if (fault)
      page.push({
        status: 'unreadable',
        row: row + 1,
        problems: [describeFault(fault, row + 1, plan)],
      });
    if (page.length > 0) yield page;
    if (fault) return;
    page = [];
  }
  if (rowsRead === 0) yield [{ status: 'unreadable', row: 1, problems: [noRows()] }];
}

/** The bytes without dirt that belongs to no row. */
async function* cleanPieces(
  { delimiter, notes }: Reading,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const spaces = createSpaceRemover(delimiter, () =>
    notes.add(
      'space_before_quote',
      {},
      () => 'Spaces before the quotation mark that opens a cell were ignored',
    ),
  );
  const noteEnd = (): void =>
    notes.add('end_of_file_mark', {}, () => 'Ctrl-Z at the end of the file was ignored');
  for await (const piece of withoutEndMark(pieces, noteEnd)) {
    const cleaned = spaces.push(piece);
    if (cleaned.length > 0) yield cleaned;
  }
  const rest = spaces.end();
  if (rest.length > 0) yield rest;
}

function unconfirmed(): EncodingNotConfirmed {
  return new EncodingNotConfirmed('the rows end before the end of the file');
}

function describeHeader(finding: Exclude<HeaderFinding, { status: 'found' }>): RowProblem {
  switch (finding.status) {
    case 'none':
      return buildProblem(
        'empty_file',
        'The file is empty; it needs a header row, and a row for each job',
      );
    case 'unterminated':
      return buildProblem('unterminated_quote', 'A quotation mark in the header row is not closed');
    case 'too_long':
      return buildProblem(
        'header_too_long',
        'The header row does not end within the first 65,536 bytes; close its quotation ' +
          'marks, or upload a CSV file',
      );
  }
}

function describeFault(
  { kind, cell, message }: RecordFault,
  row: number,
  plan: ColumnPlan,
): RowProblem {
  const name = cell === undefined ? undefined : plan.uses[cell]?.name;
  const text =
    kind === 'unterminated_quote' && name !== undefined ? `${name}: ${message}` : message;
  return buildProblem(kind, `${text}; nothing after it can be read`, {
    row,
    column: name ?? null,
  });
}
