/** A list of jobs that the database stops at its time limit. */
import { errorCatalogue } from '@kiln/shared/errors';
import { openRecords } from '@kiln/shared/records/database/open-records';
import type { JobDeps } from '@kiln/shared/services/jobs/job-deps';
import { listJobPage } from '@kiln/shared/services/jobs/jobs';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { log, openTestRecords } from '../../records/support.ts';

const records = await openTestRecords();
const hurried = openRecords({
  databaseUrl: records.databaseUrl,
  connections: 1,
  name: 'hurried',
  statementTimeoutMs: 100,
  log,
});
atEndOfFile(() => hurried.close());

test.each([{}, { q: 'boat' }])('%o: is refused, and clients do not repeat it', async (filter) => {
  const locking = await records.pool.connect();
  await locking.query('begin');
  await locking.query('lock table kiln.jobs');
  const caller = { projectId: 'default', requestId: 'req_test', baseUrl: '' };
  const deps = { db: hurried.db } as JobDeps;
  const list = listJobPage(deps, caller, { ...filter, limit: 10 });
  await expect(list).rejects.toMatchObject({
    code: 'query_timeout',
  });
  await locking.query('rollback');
  locking.release();
  expect(errorCatalogue.query_timeout).toMatchObject({ status: 504, retry: false });
});
