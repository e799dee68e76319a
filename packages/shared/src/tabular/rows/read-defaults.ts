/** Checks `defaults`, the fields for rows that do not set them, once for the whole file. */
import { describeIssues } from '../../schemas/describe-issues.ts';
import { buildProblem, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';
import type { RowFields } from './row-fields.ts';

/** Invalid defaults are reported once and not used, so that no row reports them again. */
export function readDefaults(
  { schema }: RowFields,
  input: unknown = {},
): { defaults: RawRequest; problems: RowProblem[] } {
  const defaultsSchema = schema.partial();
  const parsed = defaultsSchema.safeParse(input);
  if (parsed.success) return { defaults: parsed.data, problems: [] };
  const problems = describeIssues(parsed.error, input, Object.keys(defaultsSchema.shape)).map(
    ({ message }) => buildProblem('invalid_defaults', `defaults: ${message}`),
  );
  return { defaults: {}, problems };
}
