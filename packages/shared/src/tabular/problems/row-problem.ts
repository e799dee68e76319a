/** One problem of a table: its place, what is wrong, and the start of the invalid value. */
import { shorten } from '../../schemas/text.ts';
import { problemCodes, type ProblemCode, type ProblemScope } from './problem-codes.ts';

export interface RowProblem {
  code: ProblemCode;
  scope: ProblemScope;
  /** Counted from 1; null when the problem belongs to no row. */
  row: number | null;
  /**
   * The start of the column name in the file, or the field of a JSONL line (`body.size`); null for
   * the whole row.
   */
  column: string | null;
  message: string;
  /** The first 100 characters of the received value. */
  value: string | null;
}

type ProblemLocation = Partial<Pick<RowProblem, 'row' | 'column' | 'value' | 'scope'>>;

const shownCharacters = 100;
const scopes = new Map<ProblemCode, ProblemScope>(
  problemCodes.map(({ code, scope }) => [code, scope]),
);

export function buildProblem(
  code: ProblemCode,
  message: string,
  place: ProblemLocation = {},
): RowProblem {
  return {
    code,
    scope: place.scope ?? scopes.get(code) ?? 'row',
    row: place.row ?? null,
    column: place.column === undefined || place.column === null ? null : truncate(place.column),
    message,
    value: place.value === undefined || place.value === null ? null : truncate(place.value),
  };
}

/** Returns the start of a text. */
export function truncate(text: string, characters: number = shownCharacters): string {
  return shorten(text, characters);
}

/** Quotes the start of a name or value for a message. */
export function quote(text: string): string {
  return `"${truncate(text, 60)}"`;
}
