/**
 * For each of the given jobs, counts the waiting jobs before it.
 *
 * Problem: a page of a hundred jobs may stand behind the same million others.
 * Approach: marks hold the counts at every 500th job of a route (`queue-positions.ts`). For each
 * job, only the jobs after the nearest mark, or after the previous job of the page, are counted. If
 * those were many, as after a large new file, the job becomes a mark itself, and the next page
 * begins there. Marks may be old, and so may the result.
 */
import { addCrowds, crowdOfJob, noCrowd, subtractCrowd, type Crowd } from '../../domain/crowd.ts';
import { overtakenBelow } from '../../domain/queue/tags.ts';
import type { Routes } from '../../models/routes.ts';
import { weightOf, type JobRow } from '../../records/jobs/jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import { countRanges, type OrderKey, type RouteMark } from '../../records/jobs/queue-positions.ts';

/** The marks of each route, in the order of dispatch. */
export type Marks = Map<string, RouteMark[]>;

/** Counting up to this many jobs takes only some milliseconds. */
const fewJobs = 5_000;

/** A point in the order of a route up to which jobs are counted. */
interface Bound extends OrderKey {
  job: string;
  /** What the job itself weighs. */
  crowd: Crowd;
  /** The job waits at this point, so it counts for the jobs behind it. */
  isCounted: boolean;
}

/**
 * Returns the counts by the ids of the jobs, and adds to `marks`. For a job that was dispatched to
 * a pool only the jobs are counted that overtake it.
 */
export async function countAhead(
  db: Database,
  routes: Routes,
  marks: Marks,
  jobs: readonly JobRow[],
): Promise<Map<string, Crowd>> {
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

  const ahead = new Map<string, Crowd>();
  let before = noCrowd;
  for (const [index, { route, bound, from, isCounted }] of steps.entries()) {
    const start = from === 'previous' ? before : from;
    const counted = counts[index] ?? noCrowd;
    before = addCrowds([start, counted]);
    ahead.set(bound.job, addCrowds([ahead.get(bound.job) ?? noCrowd, before]));
    if (isCounted) before = addCrowds([before, bound.crowd]);
    if (counted.jobs > fewJobs) addMark(marks, route, bound, before);
  }
  return ahead;
}

interface Step {
  route: string;
  after: OrderKey | null;
  before: OrderKey;
  bound: Bound;
  /** The jobs before the beginning of the range. */
  from: Crowd | 'previous';
  isCounted: boolean;
}

function stepsOf(route: string, bounds: readonly Bound[], marks: readonly RouteMark[]): Step[] {
  const onTheWay = marks.filter(({ is_last: isLast }) => !isLast);
  return bounds.map((bound, index) => {
    const mark = onTheWay.findLast((each) => !isBefore(bound, each)) ?? null;
    const previous = bounds[index - 1] ?? null;
    const isPreviousNearer = previous !== null && (mark === null || !isBefore(previous, mark));
    const { isCounted } = bound;
    // A mark at the job itself counts that job too.
    const isAtMark = mark !== null && !isBefore(mark, bound);
    return isPreviousNearer
      ? { route, after: previous, before: bound, bound, from: 'previous', isCounted }
      : {
          route,
          after: mark,
          before: bound,
          bound,
          from: subtractCrowd(
            mark?.crowd ?? noCrowd,
            isAtMark && isCounted ? bound.crowd : noCrowd,
          ),
          isCounted,
        };
  });
}

function addMark(
  marks: Marks,
  route: string,
  { priority, fair_tag, id }: OrderKey,
  crowd: Crowd,
): void {
  const mark = { route, priority, fair_tag, id, crowd, is_last: false };
  const ofRoute = marks.get(route) ?? [];
  marks.set(
    route,
    ofRoute.toSpliced(ofRoute.findLastIndex((each) => isBefore(each, mark)) + 1, 0, mark),
  );
}

function toBound(job: JobRow, counted: string): Bound {
  const { id, route, priority, fair_tag, dispatched_at, parked } = job;
  const crowd = crowdOfJob(weightOf(job));
  // The bound of a dispatched job lies behind the waiting jobs of its priority that overtake it.
  if (dispatched_at !== null)
    return {
      job: id,
      crowd,
      priority,
      fair_tag: overtakenBelow(fair_tag),
      id: '',
      isCounted: false,
    };
  return { job: id, crowd, priority, fair_tag, id, isCounted: route === counted && !parked };
}

function byOrder(one: OrderKey, other: OrderKey): number {
  return isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0;
}

function isBefore(one: OrderKey, other: OrderKey): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  if (one.fair_tag !== other.fair_tag) return one.fair_tag < other.fair_tag;
  return one.id < other.id;
}
