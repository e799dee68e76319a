/** The custom id of a row: a text that can be kept, and that no earlier row has. */
import type { CustomIds } from './custom-ids.ts';
import type { TabularLimits } from '../limits.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';

interface Claim {
  ids: CustomIds;
  limits: TabularLimits;
  /** Where what is wrong is added. */
  problems: RowProblem[];
}

/**
 * Null where the text cannot be a custom id. One that is taken is still told: it says which row is
 * meant.
 */
export function claimCustomId(
  text: string,
  row: number,
  column: string,
  { ids, limits, problems }: Claim,
): string | null {
  if (text.length > limits.customIdCharacters || !text.isWellFormed() || text.includes('\0')) {
    const message = `${column}: received ${text.length.toLocaleString('en')} characters; it takes 1 to ${limits.customIdCharacters}, none of them NUL`;
    problems.push(buildProblem('invalid_value', message, { row, column, value: text }));
    return null;
  }
  const earlier = ids.claim(text, row);
  if (earlier !== null) {
    const message = `${column}: ${quote(text)} is the custom_id of row ${earlier} already`;
    problems.push(buildProblem('duplicate_custom_id', message, { row, column, value: text }));
  }
  return text;
}
