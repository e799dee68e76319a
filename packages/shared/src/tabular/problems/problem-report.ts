/** Collects the problems of a whole file. It counts all of them and lists the first thousand. */
import { maxReportedProblems } from '../limits.ts';
import type { ProblemCode } from './problem-codes.ts';
import type { RowProblem } from './row-problem.ts';

export interface ProblemReport {
  /**
   * A problem of scope `file` that every row has, such as an unknown `{{column}}`, is added once,
   * for the first row.
   */
  add(problems: readonly RowProblem[]): void;
  /** The listed problems, in the order in which they were added. */
  readonly problems: readonly RowProblem[];
  /** Includes problems that are not listed. */
  readonly total: number;
  readonly byCode: ReadonlyMap<ProblemCode, number>;
  /** Whether a problem has scope `file`, so that no batch can be made. */
  readonly hasFileProblem: boolean;
}

export function createProblemReport(kept: number = maxReportedProblems): ProblemReport {
  const problems: RowProblem[] = [];
  const byCode = new Map<ProblemCode, number>();
  const seenFileProblems = new Set<string>();
  let total = 0;

  function isRepeated(problem: RowProblem): boolean {
    if (problem.scope === 'row') return false;
    const key = JSON.stringify([problem.code, problem.column, problem.value, problem.message]);
    if (seenFileProblems.has(key)) return true;
    if (seenFileProblems.size < kept) seenFileProblems.add(key);
    return false;
  }

  return {
    add(added) {
      for (const problem of added) {
        if (isRepeated(problem)) continue;
        total += 1;
        byCode.set(problem.code, (byCode.get(problem.code) ?? 0) + 1);
        if (problems.length < kept) problems.push(problem);
      }
    },
    get total() {
      return total;
    },
    get hasFileProblem() {
      return seenFileProblems.size > 0;
    },
    problems,
    byCode,
  };
}
