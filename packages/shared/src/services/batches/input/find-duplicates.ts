/**
 * Finds rows that would send the same request as an earlier row, and so pay for it twice: rows with
 * the same key (services/jobs/request-key.ts).
 *
 * Each request is remembered as 53 bits of its key, because a file may have a million rows. Of a
 * million different rows, two have the same bits once in 18,000 files; nothing is refused because
 * of it.
 */
import type { JobPlan } from '../../jobs/new-job.ts';

export interface DuplicateRows {
  /** Rows that repeat an earlier one. */
  count: number;
  /** The first of them. */
  rows: { row: number; same_as: number }[];
  estimatedMicros: number;
}

export interface DuplicateFinder {
  add(row: number, job: JobPlan): void;
  found: DuplicateRows;
}

const maxListed = 100;

export function createDuplicateFinder(): DuplicateFinder {
  const firstRows = new Map<number, number>();
  const found: DuplicateRows = { count: 0, rows: [], estimatedMicros: 0 };
  return {
    found,
    add(row, job) {
      const key = toNumber(job);
      if (key === null) return;
      const first = firstRows.get(key);
      if (first === undefined) {
        firstRows.set(key, row);
        return;
      }
      found.count += 1;
      found.estimatedMicros += job.cost_estimated_micros ?? 0;
      if (found.rows.length < maxListed) found.rows.push({ row, same_as: first });
    },
  };
}

/** A digit has 4 bits: 13 digits and one bit of the next. */
function toNumber({ request_key: key }: JobPlan): number | null {
  if (key === null) return null;
  return Number.parseInt(key.slice(0, 13), 16) * 2 + (Number.parseInt(key.charAt(13), 16) & 1);
}
