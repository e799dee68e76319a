/** Tags below 0: what goes before the jobs that take turns. */
import {
  jobsNextBelow,
  kindOfTag,
  overtakenBelow,
  rankOfTag,
} from '@kiln/shared/domain/queue/tags';
import { expect, test } from 'vitest';

const tags = [jobsNextBelow - 9, jobsNextBelow - 2, jobsNextBelow + 7, -2.5, -1, 0, 41.5];

test('jobs that run next go before batches that do, and those before what came back', () => {
  expect(tags.map(kindOfTag)).toEqual([
    'next',
    'next',
    'batch_next',
    'batch_next',
    'returned',
    'fair',
    'fair',
  ]);
  const ranks = tags.map(rankOfTag);
  expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
  expect(new Set(ranks).size).toBe(5);
});

test('a dispatched job is overtaken by waiting jobs of a lower rank', () => {
  for (const dispatched of tags)
    for (const waiting of tags)
      expect([dispatched, waiting, waiting < overtakenBelow(dispatched)]).toEqual([
        dispatched,
        waiting,
        rankOfTag(waiting) < rankOfTag(dispatched),
      ]);
});
