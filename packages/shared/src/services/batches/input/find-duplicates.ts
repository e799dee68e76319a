/**
 * Finds rows that would send the same request as an earlier row, and so pay for it twice. Rows may
 * differ in what is not sent: custom id, metadata, the name in the archive.
 *
 * Each request is remembered as 53 bits of its hash, because a file may have a million rows. Of a
 * million different rows, two have the same bits once in 18,000 files; nothing is refused because
 * of it.
 */
import { createHash } from 'node:crypto';
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
      const key = keyOf(job);
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

function keyOf({ model, endpoint, request }: JobPlan): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([model, endpoint, request]))
    .digest();
  return digest.readUIntBE(0, 6) * 32 + ((digest[6] ?? 0) & 31);
}
