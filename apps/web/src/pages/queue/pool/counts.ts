/** Sums over the buckets of a pool's activity. */
import type { Activity } from '../types.ts';

type Bucket = Activity['data'][number];

/** Calls that brought no picture because the provider said no: for its quota or for the content. */
export function refusalsOf({ refused, rejected }: Pick<Bucket, 'refused' | 'rejected'>): number {
  return refused + rejected;
}

interface Totals {
  calls: number;
  refusals: number;
  pictures: number;
  /** US dollars. */
  cost: number;
}

export function totalsOf(buckets: readonly Bucket[]): Totals {
  return {
    calls: buckets.reduce((sum, { started }) => sum + started, 0),
    refusals: buckets.reduce((sum, bucket) => sum + refusalsOf(bucket), 0),
    pictures: buckets.reduce((sum, { images }) => sum + images, 0),
    cost: buckets.reduce((sum, { cost }) => sum + cost, 0),
  };
}
