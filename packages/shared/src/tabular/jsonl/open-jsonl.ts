/**
 * Opens a JSONL file of any size in the format of OpenAI's Batch API: each line has `custom_id`,
 * `method`, `url` and `body`, in UTF-8 or UTF-16 with or without a byte order mark, or in the
 * encoding that the caller names. Lines are read one at a time; an invalid line is yielded with its
 * problems, and the next line is read as usual. Rules of the model are checked by `check` of the
 * options. Used to validate a batch and to create its jobs.
 */
import { editsEndpoint, endpoints, type Endpoint } from '../../domain/endpoints.ts';
import { createShapeCheck } from '../rows/check-request.ts';
import { claimCustomId } from '../rows/claim-custom-id.ts';
import { createCustomIds, uniqueIds, type CustomIds } from '../rows/custom-ids.ts';
import { describeRules, describeShape, type FieldLocation } from '../problems/describe-problems.ts';
import { buildLimits, type TabularLimits } from '../limits.ts';
import {
  readDerivedFrom,
  readFilename,
  readLineReferences,
  readResponseFormat,
} from './line-fields.ts';
import {
  describeSevenBit,
  detectEncoding,
  readFirstBytes,
  type EncodingFinding,
} from '../text/detect-encoding.ts';
import type { Encoding } from '../text/encodings.ts';
import { slice, type OpenBytes } from '../text/open-bytes.ts';
import { readUtf8 } from '../text/read-utf8.ts';
import { createSevenBitDetector, type SevenBitDetector } from '../text/seven-bit.ts';
import { unicodeCandidates } from '../text/try-encodings.ts';
import { isObject, parseLine, type LineFinding } from './parse-line.ts';
import { readDefaults } from '../rows/read-defaults.ts';
import { rowFields, type RowFields } from '../rows/row-fields.ts';
import { readLines } from './read-lines.ts';
import { createBreaks, type Breaks } from '../../event-loop.ts';
import { createNotes, type Notes } from '../problems/notes.ts';
import { noRows, tooManyBlankRows, tooManyRows } from '../problems/row-counts.ts';
import { withoutEndMark } from '../text/end-mark.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import {
  eachRow,
  type JsonlSummary,
  type OpenedTable,
  type RawRequest,
  type RequestCheck,
  type Row,
  type TableOptions,
} from '../table.ts';

export interface JsonlOptions extends TableOptions {
  /** The endpoint of the batch, which every line must name. */
  endpoint: Endpoint;
  /** Kiln wrote the file: a line may name any endpoint. */
  hasMixedEndpoints?: boolean;
  encoding?: Encoding;
}

/**
 * `open` is called for the start of the file, once for each call of `rows` or `pages`, and several
 * times for the whole file if it is not UTF-8.
 */
export async function openJsonl(
  source: OpenBytes,
  options: JsonlOptions,
): Promise<OpenedTable<JsonlSummary>> {
  const found = await findEncoding(source, options);
  if (found.status === 'refused')
    return { status: 'refused', summary: null, problems: [found.problem] };
  const { encoding } = found;
  const open =
    encoding === 'utf-8'
      ? source
      : () => readUtf8(source, encoding, { isCertain: true, isDeclared: true });
  const { fields = rowFields } = options;
  const { defaults, problems } = readDefaults(fields, options.defaults);
  const notes = createNotes();
  const limits = buildLimits(options.limits);
  const breaks = options.breaks ?? createBreaks();
  const reading = { open, options, fields, defaults, limits, notes, breaks };
  const pages = (from = 0) => readPages(reading, from);
  return {
    status: 'opened',
    summary: { format: 'jsonl', encoding },
    problems,
    notes,
    pages,
    rows: (from) => eachRow(pages(from)),
  };
}

/**
 * A line that is not UTF-8 is a problem of that line, so UTF-8 is not examined before. JSON in
 * other encodings is never guessed: the standard (RFC 8259) does not allow it.
 */
async function findEncoding(
  open: OpenBytes,
  { known, encoding: given, breaks }: JsonlOptions,
): Promise<EncodingFinding | { status: 'found'; encoding: Encoding }> {
  if (known !== undefined) return { status: 'found', encoding: known.encoding };
  const { bytes } = await readFirstBytes(open);
  const [encoding] = unicodeCandidates(bytes, given);
  if (encoding === undefined || encoding === 'utf-8') return { status: 'found', encoding: 'utf-8' };
  return detectEncoding(open, { given: encoding, breaks, locateRow: locateLine });
}

/** Lines are counted from 1. */
async function locateLine(open: OpenBytes, offset: number): Promise<number> {
  let line = 1;
  let position = 0;
  for await (const chunk of open()) {
    for (const byte of chunk.subarray(0, Math.max(0, offset - position)))
      if (byte === 0x0a) line += 1;
    position += chunk.length;
    if (position >= offset) break;
  }
  return line;
}

interface Reading {
  open: OpenBytes;
  options: JsonlOptions;
  fields: RowFields;
  defaults: RawRequest;
  limits: TabularLimits;
  notes: Notes;
  breaks: Breaks;
}

/** Each page is one line, because a line may be as large as a page of CSV rows. */
async function* readPages(
  { open, options, fields, defaults, limits, notes, breaks }: Reading,
  from: number,
): AsyncGenerator<Row[]> {
  const isFaultless = options.known?.isFaultless === true;
  const ids = isFaultless ? uniqueIds : createCustomIds();
  const context: LineContext = {
    ids,
    limits,
    defaults,
    endpoint: options.endpoint,
    hasMixedEndpoints: options.hasMixedEndpoints === true,
    check: options.check,
    checkShape: createShapeCheck(fields, defaults),
    isFaultless,
  };
  let rowsRead = 0;
  let blankRows = 0;
  const noteEnd = (): void =>
    notes.add('end_of_file_mark', {}, () => 'Ctrl-Z at the end of the file was ignored');
  const isUndeclared = options.known === undefined && options.encoding === undefined;
  const sevenBit = isUndeclared ? createSevenBitDetector() : undefined;
  const pieces = withoutEndMark(examine(slice(open()), sevenBit), noteEnd);
  for await (const { lines, blankLines } of readLines(pieces, limits.recordBytes)) {
    if (breaks.isDue()) await breaks.take();
    for (const line of lines) {
      if (breaks.isDue()) await breaks.take();
      const finding = parseLine(line, limits.recordBytes);
      const row = line.number;
      if (finding.status === 'blank') {
        blankRows += 1;
        continue;
      }
      if (finding.hasMark && row > 1)
        notes.add(
          'byte_order_mark',
          { row },
          () => 'A byte order mark inside the file was ignored, where files were joined',
        );
      rowsRead += 1;
      if (rowsRead > limits.rows) {
        yield [{ status: 'unreadable', row, problems: [tooManyRows(row, limits)] }];
        return;
      }
      if (row > from) yield [buildLine(finding, row, context)];
      else if (finding.status === 'parsed') readCustomId(finding.fields, row, context, []);
    }
    blankRows += blankLines;
    if (blankRows <= limits.blankRows) continue;
    const row = rowsRead + blankRows;
    yield [{ status: 'unreadable', row, problems: [tooManyBlankRows(row, limits)] }];
    return;
  }
  if (rowsRead === 0) yield [{ status: 'unreadable', row: 1, problems: [noRows()] }];
  const found = sevenBit?.end();
  if (found === undefined) return;
  const row = await locateLine(open, found.offset);
  const problem = buildProblem('invalid_encoding', describeSevenBit(found), { row });
  yield [{ status: 'unreadable', row, problems: [problem] }];
}

async function* examine(
  pieces: AsyncIterable<Uint8Array>,
  detector: SevenBitDetector | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    detector?.add(piece);
    yield piece;
  }
}

interface LineContext {
  ids: CustomIds;
  limits: TabularLimits;
  defaults: RawRequest;
  endpoint: Endpoint;
  hasMixedEndpoints: boolean;
  check: RequestCheck | undefined;
  checkShape: ReturnType<typeof createShapeCheck>;
  /** The requests were checked before and all of them are right. */
  isFaultless: boolean;
}

function buildLine(
  finding: Exclude<LineFinding, { status: 'blank' }>,
  row: number,
  context: LineContext,
): Row {
  const facts = { row, filename: null, derivedFrom: null, cells: [finding.text] };
  const references = { images: [], mask: null, markup: null };
  if (finding.status === 'refused') {
    const { problems } = finding;
    return {
      status: 'invalid',
      ...facts,
      customId: null,
      references,
      responseFormat: null,
      problems,
      request: {},
    };
  }
  const problems: RowProblem[] = [];
  const customId = readCustomId(finding.fields, row, context, problems);
  const endpoint = endpointOf(finding.fields, context);
  checkEnvelope(finding.fields, row, endpoint, problems);
  const derivedFrom = readDerivedFrom(finding.fields, row, problems);
  const filename = readFilename(finding.fields, row, context.limits, problems);
  const { body } = finding.fields;
  if (!isObject(body)) {
    problems.push(describeBody(body, row));
    return {
      status: 'invalid',
      ...facts,
      customId,
      references,
      responseFormat: null,
      problems,
      request: {},
    };
  }
  const own = { ...body };
  const responseFormat = readResponseFormat(own, row, problems);
  const named =
    endpoint === editsEndpoint
      ? readLineReferences(own, row, context.limits, problems)
      : references;
  const request = withDefaults(own, context.defaults);
  if (!context.isFaultless) problems.push(...checkRequest(request, body, row, context));
  const status = problems.length === 0 ? 'valid' : 'invalid';
  return {
    status,
    ...facts,
    customId,
    filename,
    derivedFrom,
    references: named,
    responseFormat,
    problems,
    request,
  } as Row;
}

function endpointOf({ url }: RawRequest, { endpoint, hasMixedEndpoints }: LineContext): Endpoint {
  return (hasMixedEndpoints ? endpoints.find((known) => known === url) : undefined) ?? endpoint;
}

function checkRequest(
  request: RawRequest,
  body: RawRequest,
  row: number,
  { check, checkShape, defaults }: LineContext,
): RowProblem[] {
  const locate = (param: string): FieldLocation => locateField(param, body, defaults);
  const wrong = checkShape(request);
  return wrong.length > 0
    ? describeShape(wrong, row, locate)
    : describeRules(check, request, row, locate);
}

/** The clients of OpenAI send null for fields that they leave out. */
function withDefaults(body: RawRequest, defaults: RawRequest): RawRequest {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const { metadata } = given;
  if (!isObject(metadata) || !isObject(defaults['metadata'])) return { ...defaults, ...given };
  return { ...defaults, ...given, metadata: { ...defaults['metadata'], ...metadata } };
}

function locateField(param: string, body: RawRequest, defaults: RawRequest): FieldLocation {
  const [field = param] = param.split('.');
  if (!Object.hasOwn(body, field) && Object.hasOwn(defaults, field))
    return { column: null, name: `${param} (in defaults)`, value: null };
  const value = body[field];
  return {
    column: `body.${param}`,
    name: `body.${param}`,
    value: value === undefined ? null : JSON.stringify(value),
  };
}

function describeBody(body: unknown, row: number): RowProblem {
  if (body === undefined) {
    return buildProblem('missing_required_parameter', 'body: is missing; it takes an object', {
      row,
      column: 'body',
    });
  }
  const value = JSON.stringify(body);
  return buildProblem('invalid_value', `body: received ${quote(value)}; it takes an object`, {
    row,
    column: 'body',
    value,
  });
}

function readCustomId(
  fields: RawRequest,
  row: number,
  { ids, limits }: LineContext,
  problems: RowProblem[],
): string | null {
  const value = fields['custom_id'];
  const column = 'custom_id';
  if (typeof value === 'string' && value !== '')
    return claimCustomId(value, row, column, { ids, limits, problems });
  if (value === undefined || value === null || value === '') {
    problems.push(
      buildProblem('missing_required_parameter', 'custom_id: is missing; it takes a string', {
        row,
        column,
      }),
    );
  } else {
    const shown = JSON.stringify(value);
    const message = `custom_id: received ${quote(shown)}; it takes a string`;
    problems.push(buildProblem('invalid_value', message, { row, column, value: shown }));
  }
  return null;
}

function checkEnvelope(
  fields: RawRequest,
  row: number,
  endpoint: Endpoint,
  problems: RowProblem[],
): void {
  const envelope = [
    { column: 'method', allowed: 'POST', code: 'invalid_method' },
    { column: 'url', allowed: endpoint, code: 'invalid_url' },
  ] as const;
  for (const { column, allowed, code } of envelope) {
    const value = fields[column];
    if (value === allowed) continue;
    if (value === undefined) {
      const message = `${column}: is missing; it takes ${allowed}`;
      problems.push(buildProblem('missing_required_parameter', message, { row, column }));
      continue;
    }
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    const hint = column === 'url' ? 'the endpoint of the batch, ' : '';
    problems.push(
      buildProblem(code, `${column}: received ${quote(shown)}; it takes ${hint}${allowed}`, {
        row,
        column,
        value: shown,
      }),
    );
  }
}
