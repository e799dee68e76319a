/**
 * Checks the shape of each row's request. The schema takes as long as parsing the row, so quick
 * tests, which accept nothing that the schema would refuse, go first. Only a request that they do
 * not accept is parsed by the schema.
 */
import { isStorable } from '../../schemas/text.ts';
import type { z } from 'zod';
import { describeIssues, type InputProblem } from '../../schemas/describe-issues.ts';
import type { RawRequest } from '../table.ts';
import { quote } from '../problems/row-problem.ts';
import type { RowFields } from './row-fields.ts';
import { describeUnmeant } from './unmeant-prompt.ts';

export interface ShapeProblem extends InputProblem {
  /** A required field is missing. */
  isMissing: boolean;
}

/** A request may have ten thousand unknown fields; `limit-problems.ts` keeps fewer than these. */
const describedProblems = 100;
/** Verdicts remembered for each field: a file has few sizes, qualities and so on. */
const keptVerdicts = 500;
const plainPromptCharacters = 32_000;
const plainMetadataCharacters = 512;
const plainMetadataPairs = 16;
const plainKeyCharacters = 64;

/** @param trusted the defaults, which are checked already: the same value needs no second check */
export function createShapeCheck(
  { schema }: RowFields,
  trusted: RawRequest,
): (request: RawRequest) => ShapeProblem[] {
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  const fields = Object.keys(shape);
  const verdicts = new Map(fields.map((field) => [field, new Map<unknown, boolean>()]));

  function isRight(field: string, value: unknown): boolean {
    if (field === 'prompt') return isPlain(value, plainPromptCharacters) && value !== '';
    if (value === trusted[field]) return true;
    if (field === 'metadata') return isPlainMetadata(value);
    const known = verdicts.get(field);
    if (known === undefined || (typeof value !== 'string' && typeof value !== 'number'))
      return false;
    const verdict = known.get(value) ?? shape[field]?.safeParse(value).success ?? false;
    if (known.size < keptVerdicts) known.set(value, verdict);
    return verdict;
  }

  return (request) => {
    if ('prompt' in request && areRight(request, isRight)) return checkPrompt(request);
    const parsed = schema.safeParse(request);
    if (parsed.success) return checkPrompt(request);
    return describeIssues(parsed.error, request, fields, describedProblems).map((problem) => ({
      ...problem,
      isMissing:
        problem.param !== null &&
        fields.includes(problem.param) &&
        request[problem.param] === undefined,
    }));
  };
}

/** A text that no caller meant as a prompt has the shape of one. */
function checkPrompt({ prompt }: RawRequest): ShapeProblem[] {
  const reason = typeof prompt === 'string' ? describeUnmeant(prompt) : undefined;
  if (reason === undefined) return [];
  const message = `prompt: received ${quote(prompt as string)}, ${reason}`;
  return [{ param: 'prompt', message, isUnknownField: false, isMissing: false }];
}

function areRight(
  request: RawRequest,
  isRight: (field: string, value: unknown) => boolean,
): boolean {
  for (const field in request) if (!isRight(field, request[field])) return false;
  return true;
}

/**
 * Whether a text can be stored and is short enough. It counts UTF-16 units. The schema counts code
 * points, and a text never has more of these than UTF-16 units.
 */
function isPlain(value: unknown, characters: number): value is string {
  return typeof value === 'string' && value.length <= characters && isStorable(value);
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
