/** Parses one line of a JSONL file, or describes its problem. */
import { isUtf8 } from 'node:buffer';
import { findJsonExcess } from '../../bounded-json.ts';
import { findJsonError } from './find-json-error.ts';
import type { Line } from './read-lines.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

export type LineFinding =
  | { status: 'blank' }
  | ({ status: 'refused'; problems: RowProblem[] } & LineText)
  | ({ status: 'parsed'; fields: RawRequest } & LineText);

interface LineText {
  /** The line without a byte order mark. */
  text: string;
  /** The line began with a byte order mark, as the first one of a file may. */
  hasMark: boolean;
}

export function parseLine({ number: row, bytes, isTooLong }: Line, lineBytes: number): LineFinding {
  if (isTooLong) {
    const message = `The line has more than ${lineBytes.toLocaleString('en')} bytes; shorten it`;
    // Scope `row`: the next line can be read.
    return refuse('', buildProblem('record_too_long', message, { row, scope: 'row' }));
  }
  if (!isUtf8(bytes)) {
    return refuse(
      '',
      buildProblem('invalid_encoding', describeBytes(bytes), { row, scope: 'row' }),
    );
  }
  const decoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const hasMark = decoded.startsWith('\ufeff');
  const text = hasMark ? decoded.slice(1) : decoded;
  if (text.trim() === '') return { status: 'blank' };
  const excess = findJsonExcess(text);
  if (excess !== null) {
    const message = `The line ${excess.message}`;
    return refuse(text, buildProblem('invalid_value', message, { row, value: text }));
  }
  const parsed = parseJson(text);
  if (parsed.status === 'broken') {
    const { position } = parsed;
    const found =
      position >= text.length
        ? 'the line ends too early'
        : `${quote(text.slice(position, position + 20))} is unexpected`;
    const message = `The line is not JSON: at character ${position + 1}, ${found}`;
    return refuse(
      text,
      buildProblem('invalid_json_line', message, {
        row,
        value: text.slice(Math.max(0, position - 20)),
      }),
    );
  }
  if (!isObject(parsed.value)) {
    return refuse(
      text,
      buildProblem('invalid_json_line', 'The line is not a JSON object', { row, value: text }),
    );
  }
  return { status: 'parsed', text, hasMark, fields: parsed.value };
}

/** Names the first byte that is not UTF-8, with the text before it. */
function describeBytes(bytes: Uint8Array): string {
  const at = findWrongByte(bytes);
  const hex = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  const before = new TextDecoder().decode(bytes.subarray(Math.max(0, at - 30), at));
  return (
    `The line is not UTF-8: byte 0x${hex} at position ${at + 1}, after ${quote(before)}. ` +
    'Save the file as UTF-8, or name its encoding in `encoding`'
  );
}

const longestCharacter = 4;

/**
 * The position of the first byte that belongs to no character. A line may have a million of them,
 * so it is halved until the rest is short.
 */
function findWrongByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 4 * longestCharacter) {
    const middle = (valid + invalid) >> 1;
    let cut = middle; // where a character begins
    while (middle - cut < longestCharacter && isContinuation(bytes[cut])) cut -= 1;
    if (isUtf8(bytes.subarray(valid, cut))) valid = cut;
    else invalid = cut;
  }
  let end = valid;
  do {
    valid = end;
    end += 1;
    while (end < bytes.length && isContinuation(bytes[end])) end += 1;
  } while (isUtf8(bytes.subarray(valid, end)));
  // The byte may come behind a character that is whole.
  for (let size = 1; size <= longestCharacter; size += 1)
    if (isUtf8(bytes.subarray(valid, valid + size))) return valid + size;
  return valid;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

export function isObject(value: unknown): value is RawRequest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(text: string, problem: RowProblem): LineFinding {
  return { status: 'refused', text, hasMark: false, problems: [problem] };
}

function parseJson(
  text: string,
): { status: 'parsed'; value: unknown } | { status: 'broken'; position: number } {
  try {
    return { status: 'parsed', value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 'broken', position: findJsonError(text) };
    throw error;
  }
}
