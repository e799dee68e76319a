/** Checks the custom id of a row: it must be storable, and unique in the file. */
import { isStorable } from '../../schemas/text.ts';
import type { CustomIds } from './custom-ids.ts';
import type { TabularLimits } from '../limits.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';

interface Claim {
  ids: CustomIds;
  limits: TabularLimits;
  /** Problems are added here. */
  problems: RowProblem[];
}

const shortened =
  '. A spreadsheet has shortened this number; format the column as text, and export it again';

/** Excel shows numbers of more than eleven digits like `1.23457E+11`, and exports what it shows. */
function isShortened(text: string): boolean {
  return /^\d[.,]?\d*E\+\d{1,3}$/i.test(text);
}

/**
 * Returns null when the text cannot be a custom id. A duplicate is returned, because it still
 * identifies the row.
 */
export function claimCustomId(
  text: string,
  row: number,
  column: string,
  { ids, limits, problems }: Claim,
): string | null {
  if (text.length > limits.customIdCharacters || !isStorable(text)) {
    const message =
      `${column}: received ${text.length.toLocaleString('en')} characters; it takes 1 to ` +
      `${limits.customIdCharacters}, none of them NUL`;
    problems.push(buildProblem('invalid_value', message, { row, column, value: text }));
    return null;
  }
  const earlier = ids.claim(text, row);
  if (earlier !== null) {
    const message =
      `${column}: received ${quote(text)}, which row ${earlier} has already; a custom_id must ` +
      `be unique${isShortened(text) ? shortened : ''}`;
    problems.push(buildProblem('duplicate_custom_id', message, { row, column, value: text }));
  }
  return text;
}
