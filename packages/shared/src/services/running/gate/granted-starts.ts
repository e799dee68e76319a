/**
 * The starts of one pool that jobs have and did not use yet. Starts are granted ahead of time, so
 * when an interactive job gets one, bulk jobs may have earlier ones. It takes the first of them
 * that it can prepare for, and each of those bulk jobs moves to the next start: all starts are used
 * as they were granted, and jobs of a kind stay in their order.
 */
export interface DueStart {
  /** When it is due in the schedule, by `performance.now()`. */
  atMs: number;
  /** How much this process had postponed the schedule in all when the start was granted. */
  totalMs: number;
}

export interface GrantedStarts {
  /**
   * Gives a start to a job of this priority. It takes over an earlier start of less urgent jobs
   * that is due at `usableFromMs` or later; their starts are changed.
   */
  add(start: DueStart, priority: number, usableFromMs: number): void;
  /** The start was used or given back. */
  remove(start: DueStart): void;
}

export function createGrantedStarts(): GrantedStarts {
  const granted = new Map<DueStart, number>();
  return {
    add(start, priority, usableFromMs) {
      const behind = [...granted]
        .filter(([other, itsPriority]) => itsPriority > priority && isBetween(other))
        .map(([other]) => other)
        .toSorted((one, other) => one.atMs - other.atMs);
      granted.set(start, priority);
      const inOrder = [start, ...behind];
      const times = [...behind, start].map(({ atMs, totalMs }) => ({ atMs, totalMs }));
      for (const [index, each] of inOrder.entries()) Object.assign(each, times[index]);

      function isBetween({ atMs }: DueStart): boolean {
        return atMs >= usableFromMs && atMs < start.atMs;
      }
    },
    remove: (start) => void granted.delete(start),
  };
}
