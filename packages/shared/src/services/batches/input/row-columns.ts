/** The assessed row of an input file, and the names of its columns for pictures. */
import type { RowProblem } from '../../../tabular/problems/row-problem.ts';
import type { Row } from '../../../tabular/table.ts';
import type { AssessedRequest, JobPlan } from '../../jobs/new-job.ts';

export type InputRow =
  | {
      status: 'valid';
      row: ValidRow;
      job: JobPlan;
      callBound: CallBound;
      writtenMicros?: number | null;
    }
  | { status: 'invalid'; row: ReadableRow; problems: RowProblem[] }
  | { status: 'unreadable'; problems: RowProblem[] };

/** What one call of the row's job costs at most. */
type CallBound = Extract<AssessedRequest, { status: 'accepted' }>['callBound'];

export type ReadableRow = Exclude<Row, { status: 'unreadable' }>;

export type ValidRow = Extract<Row, { status: 'valid' }>;

export interface RowColumns {
  image: string;
  mask: string;
  markup: string;
  /** True if every row needs an image. */
  isNeeded: boolean;
}
