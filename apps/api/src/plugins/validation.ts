/** Validates with the routes' zod schemas, and says what is wrong by field, value and what is allowed. */
import { KilnError } from '@kiln/shared/errors';
import { describeIssues, type InputProblem } from '@kiln/shared/schemas/describe-issues';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

const namedProblems = 5;

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema }) => {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return (input: unknown) => {
    const parsed = schema.safeParse(input);
    return parsed.success
      ? { value: parsed.data }
      : { error: toKilnError(describeIssues(parsed.error, input, known)) };
  };
};

function toKilnError(problems: readonly InputProblem[]): KilnError {
  const [first] = problems;
  const more = problems.length > namedProblems ? `; and ${problems.length - namedProblems} more` : '';
  const message =
    problems
      .slice(0, namedProblems)
      .map(({ message }) => message)
      .join('; ') + more;
  const details = first?.param === null || first === undefined ? {} : { param: first.param };
  return new KilnError(
    first?.isUnknownField === true ? 'unknown_parameter' : 'invalid_request',
    message,
    details,
  );
}
