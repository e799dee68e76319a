/** One thing that is wrong with a table: where, what, and the value at fault, cut. */
import { problemCodes, type ProblemCode, type ProblemScope } from './problem-codes.ts';

export interface RowProblem {
  code: ProblemCode;
  scope: ProblemScope;
  /** From 1; null where the problem is the file's and belongs to no row. */
  row: number | null;
  /**
   * The column as its file writes it, cut, in JSONL the field (`body.size`); null for the whole
   * row.
   */
  column: string | null;
  message: string;
  /** What was received, at most 100 characters of it. */
  value: string | null;
}

type Place = Partial<Pick<RowProblem, 'row' | 'column' | 'value' | 'scope'>>;

const shownCharacters = 100;
const scopes = new Map<ProblemCode, ProblemScope>(
  problemCodes.map(({ code, scope }) => [code, scope]),
);

export function buildProblem(code: ProblemCode, message: string, place: Place = {}): RowProblem {
  return {
    code,
    scope: place.scope ?? scopes.get(code) ?? 'row',
    row: place.row ?? null,
    column: place.column === undefined || place.column === null ? null : truncate(place.column),
    message,
    value: place.value === undefined || place.value === null ? null : truncate(place.value),
  };
}

/** The beginning of a text; never half of a surrogate pair, which no database keeps. */
export function truncate(text: string, characters: number = shownCharacters): string {
  return text.length > characters
    ? `${text.slice(0, characters).toWellFormed()}…`
    : text.toWellFormed();
}

/** A name or value inside a message, in quotes and cut. */
export function quote(text: string): string {
  return `"${truncate(text, 60)}"`;
}
