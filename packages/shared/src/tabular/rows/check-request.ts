/**
 * Checks the shape of each row's request by the schema of a job. The schema costs as much as
 * parsing the row, so a request is first looked at by tests that are quick and never kinder than
 * the schema; only what they do not know is parsed, and described.
 */
import { describeIssues, type InputProblem } from '../../schemas/describe-issues.ts';
import { rowRequestSchema } from '../../schemas/job-request.ts';
import type { RawRequest } from '../table.ts';

export interface ShapeProblem extends InputProblem {
  /** The field is needed and not there. */
  isMissing: boolean;
}

type Field = keyof typeof rowRequestSchema.shape;

const fields = Object.keys(rowRequestSchema.shape) as Field[];
/**
 * Of each field, the verdicts on values that were met; a file has few sizes, qualities, and so on.
 */
const keptVerdicts = 500;
const plainPromptCharacters = 32_000;
const plainMetadataCharacters = 512;
const plainMetadataPairs = 16;
const plainKeyCharacters = 64;

/** @param trusted fields that are known to be right, by identity: the defaults */
export function createShapeCheck(trusted: RawRequest): (request: RawRequest) => ShapeProblem[] {
  const verdicts = new Map(fields.map((field) => [field as string, new Map<unknown, boolean>()]));

  function isRight(field: string, value: unknown): boolean {
    if (field === 'prompt') return isPlain(value, plainPromptCharacters) && value !== '';
    if (value === trusted[field]) return true;
    if (field === 'metadata') return isPlainMetadata(value);
    const known = verdicts.get(field);
    if (known === undefined || (typeof value !== 'string' && typeof value !== 'number'))
      return false;
    const verdict =
      known.get(value) ?? rowRequestSchema.shape[field as Field].safeParse(value).success;
    if (known.size < keptVerdicts) known.set(value, verdict);
    return verdict;
  }

  return (request) => {
    if ('prompt' in request && areRight(request, isRight)) return [];
    const parsed = rowRequestSchema.safeParse(request);
    if (parsed.success) return [];
    return describeIssues(parsed.error, request, fields).map((problem) => ({
      ...problem,
      isMissing:
        problem.param !== null &&
        fields.includes(problem.param as Field) &&
        request[problem.param] === undefined,
    }));
  };
}

function areRight(
  request: RawRequest,
  isRight: (field: string, value: unknown) => boolean,
): boolean {
  for (const field in request) if (!isRight(field, request[field])) return false;
  return true;
}

/**
 * Whether a text can be kept, and is short by a measure that is never less than the schema's, which
 * counts code points.
 */
function isPlain(value: unknown, characters: number): value is string {
  return (
    typeof value === 'string' &&
    value.length <= characters &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}

function isPlainMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const pairs = Object.entries(value);
  return (
    pairs.length <= plainMetadataPairs &&
    pairs.every(
      ([key, text]) =>
        isPlain(text, plainMetadataCharacters) && key !== '' && isPlain(key, plainKeyCharacters),
    )
  );
}
