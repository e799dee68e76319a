/** Turns the problems of an invalid input into the error of the response. */
import type { z } from 'zod';
import { KilnError } from '../errors.ts';
import { describeIssues } from './describe-issues.ts';

const namedProblems = 5;

/** The parameters are those of `describeIssues`. */
export function toRefusal(error: z.ZodError, input: unknown, known: readonly string[]): KilnError {
  const problems = describeIssues(error, input, known);
  const [first] = problems;
  const more =
    problems.length > namedProblems ? `; and ${problems.length - namedProblems} more` : '';
  const message =
    problems
      .slice(0, namedProblems)
      .map((problem) => problem.message)
      .join('; ') + more;
  const details = first?.param === null || first === undefined ? {} : { param: first.param };
  return new KilnError(
    first?.isUnknownField === true ? 'unknown_parameter' : 'invalid_request',
    message,
    details,
  );
}
