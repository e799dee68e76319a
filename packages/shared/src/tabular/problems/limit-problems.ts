/**
 * Limits the problems of one row. A row may have ten thousand unknown fields, each of which is a
 * problem with a message; all of them would be recorded and written to the error file.
 */
import type { RowProblem } from './row-problem.ts';

const maxProblems = 10;
const maxCharacters = 2_000;

/**
 * Returns the first problems; the last of them says that there are more. A problem of the whole
 * file is never left out for one of the row.
 */
export function limitProblems(problems: readonly RowProblem[]): RowProblem[] {
  const ordered = [
    ...problems.filter(({ scope }) => scope !== 'row'),
    ...problems.filter(({ scope }) => scope === 'row'),
  ];
  let characters = 0;
  const kept = ordered.slice(0, maxProblems).filter(({ message }, index) => {
    characters += message.length;
    return index === 0 || characters <= maxCharacters;
  });
  const last = kept.at(-1);
  const left = problems.length - kept.length;
  if (last === undefined || left === 0) return [...problems];
  return [...kept.slice(0, -1), { ...last, message: `${last.message}; the row has more problems` }];
}
