/**
 * Lists of jobs that the database stops at its time limit, and that keep no other request waiting.
 */
import { searchesAtOnce } from '@kiln/shared/config/connections';
import { errorCatalogue } from '@kiln/shared/errors';
import { openRecords, type Database } from '@kiln/shared/records/database/open-records';
import type { JobDeps } from '@kiln/shared/services/jobs/job-deps';
import { createJobSearches } from '@kiln/shared/services/jobs/job-searches';
import { listJobPage } from '@kiln/shared/services/jobs/jobs';
import { expect, onTestFinished, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { log, openTestRecords } from '../../records/support.ts';

const records = await openTestRecords();
const { databaseUrl, pool } = records;
const hurried = openRecords({
  databaseUrl,
  connections: 1,
  name: 'hurried',
  statementTimeoutMs: 100,
  log,
});
const hurriedSearches = createJobSearches({ databaseUrl, pool, statementTimeoutMs: 100, log });
const searches = createJobSearches({ databaseUrl, pool, statementTimeoutMs: 60_000, log });
for (const part of [hurried, hurriedSearches, searches]) atEndOfFile(() => part.close());

const wait = (seconds: number) => (db: Database) =>
  db.selectNoFrom(({ fn, val }) => fn('pg_sleep', [val(seconds)]).as('slept')).execute();
const sleep = wait(60);
const glance = wait(0);
const open = new AbortController().signal;

test.each([{}, { q: 'boat' }, { model: 'gpt-image-2' }])(
  '%o: is refused, and clients do not repeat it',
  async (filter) => {
    const locking = await records.pool.connect();
    onTestFinished(async () => {
      await locking.query('rollback');
      locking.release();
    });
    // Connecting alone may take longer than the limit.
    await waitFor(() => glance(hurried.db), { what: 'a connection' });
    await waitFor(() => hurriedSearches.run(open, glance), { what: 'a connection for searches' });
    await locking.query('begin');
    await locking.query('lock table kiln.jobs');
    const caller = { projectId: 'default', requestId: 'req_test', baseUrl: '' };
    const deps = { db: hurried.db, searches: hurriedSearches } as JobDeps;
    const list = listJobPage(deps, caller, { ...filter, limit: 10 }, open);
    await expect(list).rejects.toMatchObject({
      code: 'query_timeout',
    });
    expect(errorCatalogue.query_timeout).toMatchObject({ status: 504, retry: false });
  },
);

test('two run at a time: the others are refused, and run when the first have ended', async () => {
  const controller = new AbortController();
  const running = Array.from({ length: searchesAtOnce }, () =>
    searches.run(controller.signal, sleep),
  );
  const ended = Promise.allSettled(running);
  await expect(searches.run(open, sleep)).rejects.toMatchObject({ code: 'searches_busy' });
  const waiting = searches.run(open, glance);
  // The callers of the first disconnect, which stops their statements.
  controller.abort();
  // That is no slow statement, which would be logged as an error.
  const reason: unknown = controller.signal.reason;
  expect(await ended).toEqual(running.map(() => ({ status: 'rejected', reason })));
  await waiting;
});

test('a caller that disconnects while it waits gets no turn and takes none', async () => {
  const controller = new AbortController();
  const first = Array.from({ length: searchesAtOnce }, () =>
    searches.run(controller.signal, sleep),
  );
  const ended = Promise.allSettled(first);
  const gone = new AbortController();
  const waiting = searches.run(gone.signal, sleep);
  gone.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  controller.abort();
  await ended;
  for (let turn = 0; turn <= searchesAtOnce; turn += 1) await searches.run(open, glance);
});
