/** The rows of an input file as the jobs they would become. Looking a file through and writing its jobs both read it here, so they agree. */
import type { Routes } from '../../domain/routes.ts';
import type { RowRequest } from '../../schemas/job-request.ts';
import { buildProblem, type RowProblem } from '../../tabular/row-problem.ts';
import type { RequestCheck, Row } from '../../tabular/table.ts';
import { assessRequest, type AssessedRequest, type JobPlan } from '../new-job.ts';
import type { InputTable } from './open-input.ts';

export type InputRow =
  | { status: 'valid'; row: Extract<Row, { status: 'valid' }>; job: JobPlan }
  | { status: 'invalid'; row: Exclude<Row, { status: 'unreadable' }>; problems: RowProblem[] }
  | { status: 'unreadable'; problems: RowProblem[] };

export interface Assessor {
  check: RequestCheck;
  assess(request: RowRequest): AssessedRequest;
}

/** Judges each request by the rules of model and provider, once. */
export function createAssessor(routes: Routes, today: Date): Assessor {
  let last: { request: RowRequest; assessed: AssessedRequest } | null = null;

  function assess(request: RowRequest): AssessedRequest {
    if (last?.request !== request) last = { request, assessed: assessRequest(routes, request, today) };
    return last.assessed;
  }

  return {
    assess,
    check(request) {
      const assessed = assess(request);
      return assessed.status === 'refused' ? assessed.problems : [];
    },
  };
}

/** The rows behind row `from`. */
export async function* readRows(
  table: Extract<InputTable, { status: 'opened' }>,
  assessor: Assessor,
  from = 0,
): AsyncGenerator<InputRow> {
  for await (const row of table.rows(from)) {
    if (row.status === 'unreadable') yield row;
    else yield judge(row, assessor);
  }
}

function judge(row: Exclude<Row, { status: 'unreadable' }>, assessor: Assessor): InputRow {
  if (row.status === 'invalid') return { status: 'invalid', row, problems: row.problems };
  const { images, mask } = row.references;
  if (images.length > 0 || mask !== null) {
    const column = images.length > 0 ? 'image' : 'mask';
    const value = images[0] ?? mask ?? '';
    const message = `${column}: received a source picture; batches make new pictures only`;
    const problem = buildProblem('unsupported_parameter', message, { row: row.row, column, value });
    return { status: 'invalid', row, problems: [problem] };
  }
  const assessed = assessor.assess(row.request);
  if (assessed.status === 'accepted') return { status: 'valid', row, job: assessed.job };
  const problems = assessed.problems.map(({ param, message }) =>
    buildProblem('unsupported_parameter', message, { row: row.row, column: param }),
  );
  return { status: 'invalid', row, problems };
}
