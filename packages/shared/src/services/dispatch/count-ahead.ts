/**
 * How many waiting jobs of the routes come before each of some jobs. From the last mark before a
 * job, or the last of the jobs before it, whichever is nearer, only what lies between is counted:
 * marks may be old, and a list asks for a hundred jobs behind the same million. Where that was
 * much, as behind a file that has just been taken in, the job becomes a mark itself, and the next
 * list begins there.
 */
import type { Routes } from '../../models/routes.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import { countRanges, type OrderKey, type RouteMark } from '../../records/jobs/queue-positions.ts';

/** By route, each in its order. */
export type Marks = Map<string, RouteMark[]>;

/** Counted in some milliseconds. */
const fewJobs = 5_000;

/** A place to count up to. */
interface Bound extends OrderKey {
  job: string;
  /** The job itself waits there, and is one more before those behind it. */
  isCounted: boolean;
}

/**
 * By the ids of the jobs; adds to the marks. Of one that was handed over to a pool, those of a
 * higher priority are counted, which overtake it.
 */
export async function countAhead(
  db: Database,
  routes: Routes,
  marks: Marks,
  jobs: readonly JobRow[],
): Promise<Map<string, number>> {
  const names = [...new Set(jobs.flatMap((job) => routes.competingRoutes(job.route)))];
  const steps = names.flatMap((route) => {
    const besideIt = jobs.filter((job) => routes.competingRoutes(job.route).includes(route));
    return stepsOf(
      route,
      besideIt.map((job) => toBound(job, route)).toSorted(byOrder),
      marks.get(route) ?? [],
    );
  });
  const counts = await countRanges(db, steps);

  const ahead = new Map<string, number>();
  let before = 0;
  for (const [index, { route, bound, from, isCounted }] of steps.entries()) {
    const start = from === 'previous' ? before : from;
    const counted = counts[index] ?? 0;
    before = start + counted;
    ahead.set(bound.job, (ahead.get(bound.job) ?? 0) + before);
    if (isCounted) before += 1;
    if (counted > fewJobs) addMark(marks, route, bound, before);
  }
  return ahead;
}

interface Step {
  route: string;
  after: OrderKey | null;
  before: OrderKey;
  bound: Bound;
  /** How many come before it up to where its range begins. */
  from: number | 'previous';
  isCounted: boolean;
}

function stepsOf(route: string, bounds: readonly Bound[], marks: readonly RouteMark[]): Step[] {
  const onTheWay = marks.filter(({ is_last: isLast }) => !isLast);
  return bounds.map((bound, index) => {
    const mark = onTheWay.findLast((each) => !isBefore(bound, each)) ?? null;
    const previous = bounds[index - 1] ?? null;
    const isPreviousNearer = previous !== null && (mark === null || !isBefore(previous, mark));
    const { isCounted } = bound;
    // A mark at the job itself has counted it.
    const isAtMark = mark !== null && !isBefore(mark, bound);
    return isPreviousNearer
      ? { route, after: previous, before: bound, bound, from: 'previous', isCounted }
      : {
          route,
          after: mark,
          before: bound,
          bound,
          from: (mark?.queue_position ?? 0) - (isAtMark && isCounted ? 1 : 0),
          isCounted,
        };
  });
}

function addMark(
  marks: Marks,
  route: string,
  { priority, fair_tag, id }: OrderKey,
  position: number,
): void {
  const mark = { route, priority, fair_tag, id, queue_position: position, is_last: false };
  const ofRoute = marks.get(route) ?? [];
  marks.set(
    route,
    ofRoute.toSpliced(ofRoute.findLastIndex((each) => isBefore(each, mark)) + 1, 0, mark),
  );
}

function toBound(job: JobRow, counted: string): Bound {
  const { id, route, priority, fair_tag, dispatched_at, parked } = job;
  // The place before every job of its priority.
  if (dispatched_at !== null)
    return { job: id, priority, fair_tag: Number.MIN_SAFE_INTEGER, id: '', isCounted: false };
  return { job: id, priority, fair_tag, id, isCounted: route === counted && !parked };
}

function byOrder(one: OrderKey, other: OrderKey): number {
  return isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0;
}

function isBefore(one: OrderKey, other: OrderKey): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  if (one.fair_tag !== other.fair_tag) return one.fair_tag < other.fair_tag;
  return one.id < other.id;
}
