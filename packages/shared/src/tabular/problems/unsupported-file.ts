/**
 * Recognises files that are no table, by their first bytes, and says what to do instead. Each is
 * one problem for the whole file: the same problem for each of its lines would say no more.
 */
import { fileKindOf, type FileKind } from '../../domain/file-signatures.ts';
import { findJsonError } from '../jsonl/find-json-error.ts';
import { buildProblem, quote, type RowProblem } from './row-problem.ts';

const saveAsCsv = 'save it as "CSV UTF-8" and upload that';

const messagesByKind: Readonly<Partial<Record<FileKind, string>>> = {
  office: `The file is an old Excel workbook (.xls); ${saveAsCsv}`,
  pdf: 'The file is a PDF, not a table',
  '7z': 'The file is a 7z archive; unpack it and upload the table in it',
  rar: 'The file is a RAR archive; unpack it and upload the table in it',
  gzip: 'The file is compressed with gzip; upload it uncompressed',
  compressed: 'The file is compressed (bzip2, xz or zstd); upload it uncompressed',
  database:
    'The file is a database (SQLite) or a table in binary (Parquet, Arrow); export it as CSV and ' +
    'upload that',
  png: 'The file is a picture (PNG), not a table',
  jpeg: 'The file is a picture (JPEG), not a table',
};

/** Undefined when the bytes may be text. */
export function findForeignFile(head: Uint8Array): RowProblem | undefined {
  const kind = fileKindOf(head);
  const message =
    kind === 'zip' ? (describeZip(head) ?? anyZip) : kind === null ? null : messagesByKind[kind];
  return message === null || message === undefined
    ? undefined
    : buildProblem('unsupported_file', message);
}

/** @param text the beginning of the file, decoded */
export function findForeignText(
  text: string,
  format: 'csv' | 'jsonl',
  isWhole: boolean,
): RowProblem | undefined {
  const message = describeMarkup(text) ?? (format === 'csv' ? describeJson(text) : null);
  const found = message ?? (format === 'jsonl' ? describeLines(text, isWhole) : null);
  return found === null ? undefined : buildProblem('unsupported_file', found);
}

/** Whether the bytes begin a zip that is a table, or holds one, and is no zip of pictures. */
export function isZippedTable(head: Uint8Array): boolean {
  return fileKindOf(head) === 'zip' && describeZip(head) !== null;
}

/**
 * Excel, Numbers and LibreOffice save zips; the names of their entries tell them apart. Null for a
 * zip of something else.
 */
function describeZip(head: Uint8Array): string | null {
  const names = entryNames(Buffer.from(head.buffer, head.byteOffset, head.length));
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (has(/^xl\//)) return `The file is an Excel workbook (.xlsx); ${saveAsCsv}`;
  if (has(/\.iwa$|^Index\.zip$/))
    return 'The file is a Numbers document; export it as CSV and upload that';
  if (names[0] === 'mimetype')
    return `The file is an OpenDocument file, such as one of LibreOffice (.ods); ${saveAsCsv}`;
  if (has(/^\[Content_Types\]\.xml$/))
    return `The file is an Office document, such as an Excel workbook (.xlsx); ${saveAsCsv}`;
  const table = names.find((name) => /\.(csv|tsv|jsonl|ndjson)$/i.test(name));
  if (table !== undefined)
    return `The file is a zip that holds ${quote(table)}; unzip it and upload that file`;
  return null;
}

const anyZip =
  'The file is a zip archive, not a table; upload the CSV or JSONL file itself, and pictures ' +
  'for its rows as "files" of the same form';

const localHeader = Buffer.from('PK\x03\x04');
const localHeaderBytes = 30;

/**
 * The names in the local headers at the beginning of a zip. A name is not searched for headers, so
 * all names together are no longer than the bytes.
 */
function entryNames(head: Buffer): string[] {
  const names: string[] = [];
  let at = head.indexOf(localHeader);
  while (at !== -1 && at + localHeaderBytes <= head.length) {
    const start = at + localHeaderBytes;
    const end = start + head.readUInt16LE(at + 26);
    names.push(head.toString('utf8', start, end));
    at = head.indexOf(localHeader, end);
  }
  return names;
}

function describeMarkup(text: string): string | null {
  if (/^\s*\{\\rtf/.test(text))
    return 'The file is rich text (.rtf); save it as plain text in UTF-8 and upload that';
  if (/^\s*<(?:!doctype|\?xml|html|table|head|meta|workbook)\b/i.test(text))
    return (
      'The file is HTML or XML, as some programs export tables; open it in a spreadsheet, and ' +
      saveAsCsv
    );
  return null;
}

/** A header row never begins like JSON. */
function describeJson(text: string): string | null {
  if (!/^\s*[[{]\s*["{[\]}]/.test(text)) return null;
  return (
    'The file is JSON, not CSV; name it .jsonl (or send it as application/jsonl), with one ' +
    'object for each request on a line of its own'
  );
}

/** JSON that is not one object a line. */
function describeLines(text: string, isWhole: boolean): string | null {
  const start = text.trimStart();
  if (start.startsWith('['))
    return (
      'The file is a JSON array; write each of its objects on a line of its own, for example ' +
      "with: jq -c '.[]' array.json > batch.jsonl"
    );
  if (isPretty(start))
    return (
      'The file is JSON over several lines for each object; write each object on a line of its ' +
      'own, for example with: jq -c . pretty.json > batch.jsonl'
    );
  const lines = start.split('\n').slice(0, isWhole ? undefined : -1);
  const isAnyObject = lines.some((line) => /^[\s\ufeff]*\{/.test(line));
  if (start === '' || isAnyObject || (lines.length < 2 && !isWhole)) return null;
  return (
    'The file has no JSON object on any line; it needs one for each request. A table is uploaded ' +
    'with a name that ends with .csv, or as text/csv'
  );
}

/** True if the first object goes on after the end of its line. */
function isPretty(text: string): boolean {
  const end = text.indexOf('\n');
  if (end === -1 || !text.startsWith('{')) return false;
  if (findJsonError(text.slice(0, end)) < end) return false;
  const next = end + text.slice(end).search(/\S/);
  return next >= end && findJsonError(text) > next && !isComplete(text.slice(0, end));
}

function isComplete(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
