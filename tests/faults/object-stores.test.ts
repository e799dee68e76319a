/**
 * Workers and the API are killed with the objects in S3 or Azure Blob Storage: a short form of the
 * long run `npm run test:faults -- --store s3|azurite`.
 */
import { describe, expect, test } from 'vitest';
import { runLong } from '../../scripts/test-faults/run.ts';
import { remoteStores } from '../support/stores/object-stores.ts';

describe.each(remoteStores)('objects in %s', (store) => {
  test('workers and the API killed under load', async () => {
    const lines: string[] = [];
    const report = await runLong(
      {
        engine: 'postgres',
        store,
        kills: 4,
        jobs: 30,
        others: 2,
        seed: 7,
        rpm: 120,
        minuteMs: 6_000,
      },
      (line) => lines.push(line),
    );
    expect(report.violations, lines.join('\n')).toEqual([]);
    expect(report).toMatchObject({
      jobs: 30,
      kills: 4,
      lost: 0,
      secondUnexplained: 0,
      quotaViolations: 0,
    });
  });
});
