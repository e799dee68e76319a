/**
 * Plans the finals of drafts: reads the drafts in pages, and assesses the row that each final would
 * be, as validation assesses the rows of a file. Nothing is stored or sent. Memory is bounded by a
 * page.
 */
import { toUsd } from '../../domain/money.ts';
import { formatImageId, type ImageRef } from '../../domain/gallery/image-id.ts';
import { KilnError } from '../../errors.ts';
import type { Config } from '../../config.ts';
import type { Routes } from '../../models/routes.ts';
import type { Database } from '../../records/database/open-records.ts';
import { listDrafts, type DraftFilter, type DraftRow } from '../../records/finals/drafts.ts';
import type { FinalsPreview, FinalsProblem } from '../../schemas/finals/finals.ts';
import { describeBases, noEstimate } from '../batches/input/estimate-bases.ts';
import {
  assessRows,
  columnsOfLines,
  createAssessor,
  type RowChecks,
} from '../batches/input/read-rows.ts';
import type { InputRow, ValidRow } from '../batches/input/row-columns.ts';
import { createSourceLookup } from '../batches/input/source-lookup.ts';
import { addBound, createBoundSum, toCostLimit } from '../jobs/cost-limit.ts';
import type { TokenMemory } from '../token-memory.ts';
import { buildFinal, createFinalIds, type FinalsRule } from './build-final.ts';

export interface PlanDeps {
  config: Config;
  db: Database;
  routes: Routes;
  tokenMemory: TokenMemory;
}

export interface FinalsPlan {
  rule: FinalsRule;
  drafts: DraftFilter;
}

const draftsPerPage = 500;
const maxListedProblems = 100;
const columns = { ...columnsOfLines, isNeeded: false };

/** What was planned so far. */
export interface FinalsSum {
  rows: number;
  estimatedMicros: number;
  /** Rows whose cost is not known. */
  unknown: number;
  bound: ReturnType<typeof createBoundSum>;
  bases: Map<string, number>;
  problems: FinalsProblem[];
  problemsTotal: number;
}

export function createFinalsSum(): FinalsSum {
  return {
    rows: 0,
    estimatedMicros: 0,
    unknown: 0,
    bound: createBoundSum(),
    bases: new Map(),
    problems: [],
    problemsTotal: 0,
  };
}

export async function openFinalChecks(deps: PlanDeps, projectId: string): Promise<RowChecks> {
  return {
    assessor: createAssessor(deps.routes, new Date(), await deps.tokenMemory.read()),
    sources: createSourceLookup(deps.db, projectId, null),
    findDrafts: null,
  };
}

/**
 * Yields the rows of the finals, and adds them and their problems to `sum`. Throws
 * `invalid_request` if no image matches, or more than a batch may have rows.
 */
export async function* planFinals(
  deps: PlanDeps,
  projectId: string,
  { rule, drafts: filter }: FinalsPlan,
  checks: RowChecks,
  sum: FinalsSum,
): AsyncGenerator<ValidRow[]> {
  const takeId = createFinalIds();
  const wanted = wantedIds(filter);
  let after: ImageRef | null = null;
  for (;;) {
    const page: DraftRow[] = await listDrafts(deps.db, projectId, filter, {
      after,
      limit: draftsPerPage,
    });
    const drafts = page.toSorted(byRow);
    const first = sum.rows + 1;
    const rows = drafts.map((draft, index) =>
      buildFinal(draft, rule, { row: first + index, customId: takeId(draft) }),
    );
    sum.rows += rows.length;
    refuseTooMany(sum.rows, deps.config.maxBatchRows);
    const assessed = await assessRows(rows, columns, checks);
    for (const [index, draft] of drafts.entries()) {
      const id = formatImageId(draft.jobId, draft.index);
      for (const name of [id, draft.jobId]) wanted.delete(name);
      addRow(sum, id, assessed[index]);
    }
    yield rows;
    if (page.length < draftsPerPage) break;
    after = page.at(-1) ?? null;
  }
  for (const id of wanted) addProblem(sum, { image: id, ...missing });
  if (sum.rows === 0 && wanted.size === 0)
    throw new KilnError('invalid_request', 'select: no image matches; nothing would be made', {
      param: 'select',
    });
}

/** Ids of the same millisecond are in no order, and people know the order of the rows. */
function byRow(one: DraftRow, other: DraftRow): number {
  if (one.batchId === null || one.batchId !== other.batchId) return 0;
  return (one.row ?? 0) - (other.row ?? 0);
}

const missing = {
  param: 'select',
  code: 'image_not_found',
  message: 'there is no such image here, or it is in the trash',
};

/** What the request names, so that nothing that is missing goes unnoticed. */
function wantedIds(filter: DraftFilter): Set<string> {
  if ('images' in filter)
    return new Set(filter.images.map(({ jobId, index }) => formatImageId(jobId, index)));
  return new Set('jobs' in filter ? filter.jobs : []);
}

function refuseTooMany(rows: number, most: number): void {
  if (rows <= most) return;
  throw new KilnError(
    'invalid_request',
    `select: more than ${most.toLocaleString('en')} images match, the most that a batch takes; ` +
      'select fewer',
    { param: 'select' },
  );
}

function addRow(sum: FinalsSum, image: string, read: InputRow | undefined): void {
  if (read === undefined) return;
  if (read.status !== 'valid') {
    for (const { code, column, message } of read.problems) {
      const param = column?.replace(/^body\./, '') ?? null;
      addProblem(sum, { image, param, code, message });
    }
    return;
  }
  const { cost_estimated_micros: micros, cost_basis: basis } = read.job;
  if (micros === null) sum.unknown += 1;
  sum.estimatedMicros += micros ?? 0;
  addBound(sum.bound, read.callBound);
  const name = basis ?? noEstimate;
  sum.bases.set(name, (sum.bases.get(name) ?? 0) + 1);
}

function addProblem(sum: FinalsSum, problem: FinalsProblem): void {
  sum.problemsTotal += 1;
  if (sum.problems.length < maxListedProblems) sum.problems.push(problem);
}

/** What the batch of the drafts has cost, and what it would have cost otherwise. */
export interface WholeBatch {
  draftsMicros: number;
  allRowsMicros: number;
}

export function toPreview(config: Config, sum: FinalsSum, whole: WholeBatch | null): FinalsPreview {
  const saving = whole && whole.allRowsMicros - whole.draftsMicros - sum.estimatedMicros;
  return {
    object: 'finals.preview',
    rows: sum.rows,
    cost: {
      currency: 'usd',
      estimated: toUsd(sum.estimatedMicros),
      estimate_basis: describeBases(sum.bases),
      ...toCostLimit(config, sum.bound, sum.rows),
    },
    drafts_cost: whole && toUsd(whole.draftsMicros),
    all_rows_cost: whole && toUsd(whole.allRowsMicros),
    saving: saving === null ? null : toUsd(saving),
    problems: sum.problems,
    problems_total: sum.problemsTotal,
  };
}

/**
 * Throws what is wrong with the finals, before anything is stored or sent: the first problem, or
 * `max_cost_exceeded`.
 */
export function refuseProblems(
  { rows, problems, problemsTotal, estimatedMicros, unknown }: FinalsSum,
  maxCost: number | undefined,
): void {
  const [first] = problems;
  if (first !== undefined) {
    const others = problemsTotal > 1 ? ` (and ${problemsTotal - 1} more problems)` : '';
    throw new KilnError(
      first.code === 'unsupported_parameter' || first.code === 'image_not_found'
        ? first.code
        : 'invalid_request',
      `${first.image}: ${first.message}${others}; nothing was made, and ?dry_run=true lists them`,
      { param: first.param ?? 'changes' },
    );
  }
  if (maxCost === undefined) return;
  const estimated = toUsd(estimatedMicros);
  if (unknown === 0 && estimated <= maxCost) return;
  const finals = rows === 1 ? 'the final' : `the ${rows.toLocaleString('en')} finals`;
  throw new KilnError(
    'max_cost_exceeded',
    unknown > 0
      ? `max_cost: the cost of ${unknown} of ${finals} is not known, so nothing was made`
      : `max_cost: received ${maxCost}; ${finals} should cost ${estimated} US dollars, so ` +
          'nothing was made',
    { param: 'max_cost' },
  );
}
