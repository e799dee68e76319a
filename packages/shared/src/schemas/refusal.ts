/** Turns the problems of an invalid input into the error of the response. */
import type { z } from 'zod';
import { KilnError } from '../errors.ts';
import { countIssues, describeIssues } from './describe-issues.ts';

const namedProblems = 5;

/** The parameters are those of `describeIssues`. */
export function toRefusal(error: z.ZodError, input: unknown, known: readonly string[]): KilnError {
  const problems = describeIssues(error, input, known, namedProblems);
  const [first] = problems;
  const others = countIssues(error) - problems.length;
  const message =
    problems.map((problem) => problem.message).join('; ') +
    (others > 0 ? `; and ${others} more` : '');
  const details = first?.param === null || first === undefined ? {} : { param: first.param };
  return new KilnError(
    first?.isUnknownField === true ? 'unknown_parameter' : 'invalid_request',
    message,
    details,
  );
}
