/**
 * What a job's tag says about its turn among the jobs of its priority. Tags from 0 up take turns
 * (`records/jobs/fair-tags.ts`). Lower ones go before them, in this order:
 *
 *   next        jobs that were asked to run next, one by one; the last one asked for goes first
 *   batch_next  rows of batches that were asked to run next, the last batch first
 *   returned    jobs that were dispatched and came back: their turn had come
 */
export const returnedTag = -1;
/** The tags of the rows of batches that run next are above this number, those of jobs below it. */
export const jobsNextBelow = -(2 ** 40);

export type TagKind = 'next' | 'batch_next' | 'returned' | 'fair';

export function kindOfTag(tag: number): TagKind {
  if (tag < jobsNextBelow) return 'next';
  if (tag < returnedTag) return 'batch_next';
  return tag < 0 ? 'returned' : 'fair';
}

/** The ranks of kinds whose jobs start in the order of their dispatch. */
export const tagRanks = { batch_next: -2, returned: -1, fair: 0 } as const;

/** The lower the rank, the sooner a queue engine starts a dispatched job of its priority. */
export function rankOfTag(tag: number): number {
  const kind = kindOfTag(tag);
  return kind === 'next' ? tag : tagRanks[kind];
}

/** Waiting jobs with a tag below this one overtake a dispatched job with this tag. */
export function overtakenBelow(tag: number): number {
  const kind = kindOfTag(tag);
  return kind === 'batch_next' ? jobsNextBelow : rankOfTag(tag);
}
