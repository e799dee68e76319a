/** The fields that rows take where they set none, checked once for the whole file. */
import { describeIssues } from '../../schemas/describe-issues.ts';
import { rowRequestSchema } from '../../schemas/job-request.ts';
import { buildProblem, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

const defaultsSchema = rowRequestSchema.partial();

/** What is wrong is left out of the defaults, so that each row is not accused of it again. */
export function readDefaults(input: unknown = {}): {
  defaults: RawRequest;
  problems: RowProblem[];
} {
  const parsed = defaultsSchema.safeParse(input);
  if (parsed.success) return { defaults: parsed.data, problems: [] };
  const problems = describeIssues(parsed.error, input, Object.keys(defaultsSchema.shape)).map(
    ({ message }) => buildProblem('invalid_defaults', `defaults: ${message}`),
  );
  return { defaults: {}, problems };
}
