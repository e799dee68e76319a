/**
 * The database dies while every connection is busy: each call fails, and the process goes on and
 * connects again. An unhandled error event would end the process, and here the test run.
 */
import { listen } from '@kiln/shared/records/database/notifications';
import { expect, test } from 'vitest';
import { startPrivatePostgres } from '../../../support/engines/database.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { log, openTestRecords } from '../support.ts';

test.each(['immediate', 'fast'] as const)(
  'twenty statements fail at a stop (%s), and the process connects again',
  async (mode) => {
    const server = await startPrivatePostgres();
    const { db, pool } = await openTestRecords(server.url);
    let gaps = 0;
    const notifications = listen({
      databaseUrl: server.url,
      channels: { kiln_test: () => undefined },
      onGap: () => (gaps += 1),
      log,
    });
    atEndOfFile(() => notifications.close());
    await waitFor(() => gaps === 1, { what: 'the listener to listen' });

    const statements = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? pool.query('select pg_sleep(60)')
        : db.selectNoFrom(({ fn, val }) => fn('pg_sleep', [val(60)]).as('slept')).execute(),
    );
    const outcomes = Promise.allSettled(statements);
    await waitFor(
      async () =>
        (
          await pool.query(
            "select from pg_stat_activity where query like '%pg_sleep(%' and state = 'active'",
          )
        ).rowCount! > 20,
      { what: 'twenty statements to run' },
    );
    await server.stop(mode);
    expect((await outcomes).map(({ status }) => status)).toEqual(statements.map(() => 'rejected'));

    await server.start();
    await waitFor(
      () =>
        db
          .selectNoFrom(({ val }) => val(1).as('one'))
          .execute()
          .then(() => true),
      { what: 'a statement after the restart' },
    );
    await waitFor(() => gaps === 2, { what: 'the listener to be back' });
  },
);
