/** The rows of an input file as the jobs they would become. Looking a file through and writing its jobs both read it here, so they agree. */
import type { Routes } from '../../domain/routes.ts';
import type { JobRequest } from '../../schemas/job-request.ts';
import { buildProblem, type RowProblem } from '../../tabular/row-problem.ts';
import type { RequestCheck, Row } from '../../tabular/table.ts';
import { assessParameters, planJob, type AssessedRequest, type JobPlan } from '../new-job.ts';
import type { InputTable } from './open-input.ts';

export type InputRow =
  | { status: 'valid'; row: Extract<Row, { status: 'valid' }>; job: JobPlan }
  | { status: 'invalid'; row: Exclude<Row, { status: 'unreadable' }>; problems: RowProblem[] }
  | { status: 'unreadable'; problems: RowProblem[] };

export interface Assessor {
  check: RequestCheck;
  assess(request: JobRequest): AssessedRequest;
}

/** A file has few combinations of parameters; of more than these, each row is judged anew. */
const keptVerdicts = 500;

/** Judges each request by the rules of model and provider, once; what its prompt does not change, once for all rows that share it. */
export function createAssessor(routes: Routes, today: Date): Assessor {
  const verdicts = new Map<string, ReturnType<typeof assessParameters>>();
  let last: { request: JobRequest; assessed: AssessedRequest } | null = null;

  function verdictOn(request: JobRequest) {
    const { prompt: _prompt, metadata: _metadata, ...parameters } = request;
    const key = JSON.stringify(parameters);
    const verdict = verdicts.get(key) ?? assessParameters(routes, request, today);
    if (verdicts.size < keptVerdicts) verdicts.set(key, verdict);
    return verdict;
  }

  function assess(request: JobRequest): AssessedRequest {
    if (last?.request === request) return last.assessed;
    const verdict = verdictOn(request);
    const assessed: AssessedRequest =
      verdict.status === 'refused'
        ? verdict
        : { status: 'accepted', job: planJob(verdict.parameters, request) };
    last = { request, assessed };
    return assessed;
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
