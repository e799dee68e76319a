/** A transaction loses its connection: it fails as any statement does then, and can be repeated. */
import { isDatabaseAway, retryWhileUnavailable } from '@kiln/shared/records/database/availability';
import type { Database } from '@kiln/shared/records/database/open-records';
import { expect, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';
import { openTestRecords } from '../support.ts';

const { db, pool } = await openTestRecords();

test('a transaction that loses its connection fails as unavailable', async () => {
  const lost = db.transaction().execute(async (transaction) => {
    await endConnectionOf(transaction);
    await backendOf(transaction);
  });
  expect(isDatabaseAway(await lost.catch((error: unknown) => error))).toBe(true);
});

test('a transaction that loses its connection before its commit is repeated', async () => {
  let tries = 0;
  const outcome = await retryWhileUnavailable(() =>
    db.transaction().execute(async (transaction) => {
      tries += 1;
      if (tries === 1) await endConnectionOf(transaction);
      return 'committed';
    }),
  );
  expect({ outcome, tries }).toEqual({ outcome: 'committed', tries: 2 });
});

test('an error of the work in a transaction is thrown even if its connection is lost', async () => {
  const failed = db.transaction().execute(async (transaction) => {
    await endConnectionOf(transaction);
    throw new Error('the work failed');
  });
  await expect(failed).rejects.toThrow('the work failed');
});

async function endConnectionOf(transaction: Database): Promise<void> {
  const pid = await backendOf(transaction);
  await pool.query('select pg_terminate_backend($1)', [pid]);
  const isGone = async () => {
    const { rowCount } = await pool.query('select from pg_stat_activity where pid = $1', [pid]);
    return rowCount === 0;
  };
  await waitFor(isGone, { what: 'the end of the connection' });
}

async function backendOf(transaction: Database): Promise<number> {
  const { pid } = await transaction
    .selectNoFrom(({ fn }) => fn<number>('pg_backend_pid').as('pid'))
    .executeTakeFirstOrThrow();
  return pid;
}
