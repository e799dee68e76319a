/**
 * Turns the problems of a request into problems of its row, with the column names and values of the
 * file.
 */
import type { InputProblem } from '../../schemas/describe-issues.ts';
import type { RowRequest } from '../../schemas/job-request.ts';
import type { ShapeProblem } from '../rows/check-request.ts';
import type { ProblemCode } from './problem-codes.ts';
import { buildProblem, type RowProblem } from './row-problem.ts';
import type { RawRequest, RequestCheck } from '../table.ts';

export interface FieldLocation {
  column: string | null;
  /** The name of the field in a message. */
  name: string;
  value: string | null;
}

/** Finds where the file has a field of the request, such as `size` or `metadata.season`. */
export type FieldLocator = (param: string) => FieldLocation;

export function describeShape(
  problems: readonly ShapeProblem[],
  row: number,
  locate: FieldLocator,
): RowProblem[] {
  return problems.map((problem) => toRowProblem(codeOf(problem), problem, row, locate));
}

/** Applies the rules of the model. Call it only when the shape of the request is valid. */
export function describeRules(
  check: RequestCheck | undefined,
  request: RawRequest,
  row: number,
  locate: FieldLocator,
): RowProblem[] {
  const found = check?.(request as RowRequest) ?? [];
  return found.length === 0
    ? []
    : found.map((problem) => toRowProblem('unsupported_parameter', problem, row, locate));
}

function codeOf(problem: ShapeProblem): ProblemCode {
  if (problem.isUnknownField) return 'unknown_parameter';
  return problem.isMissing ? 'missing_required_parameter' : 'invalid_value';
}

function toRowProblem(
  code: ProblemCode,
  { param, message }: Pick<InputProblem, 'param' | 'message'>,
  row: number,
  locate: FieldLocator,
): RowProblem {
  if (param === null) return buildProblem(code, message, { row });
  const { column, name, value } = locate(param);
  const text = message.startsWith(`${param}: `) ? `${name}${message.slice(param.length)}` : message;
  return buildProblem(code, text, { row, column, value });
}
