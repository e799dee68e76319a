/**
 * Runs the lists that may read a whole table: searches in jobs and batches, and lists of a model or
 * an error.
 *
 * Problem: such a list may keep a connection and a core of the database busy for seconds, and a few
 * of them would stop every other request.
 * Approach: they have connections of their own, as many as may run at a time. Others wait for a
 * moment and are then refused. The time limit of a statement stops a slow one, and a caller that
 * disconnects stops its own.
 * Guarantee: at most `searchesAtOnce` run in a process, and no other request waits for them.
 */
import { sql } from 'kysely';
import type { Pool } from 'pg';
import { searchesAtOnce } from '../../config/connections.ts';
import { KilnError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { openRecords, type Database } from '../../records/database/open-records.ts';
import { createTurns } from '../turns.ts';

export interface JobSearches {
  /** Throws `searches_busy`, and what `search` throws. Aborting the signal fails the statement. */
  run<T>(signal: AbortSignal, search: (db: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How long a search waits for its turn, and how many may wait. */
const waitMs = 1_000;
const maxWaiting = 20;

export function createJobSearches(options: {
  databaseUrl: string;
  /** Connections of other requests, over which a search is stopped. */
  pool: Pool;
  statementTimeoutMs: number;
  log: Logger;
}): JobSearches {
  const { databaseUrl, pool, statementTimeoutMs, log } = options;
  const records = openRecords({
    databaseUrl,
    connections: searchesAtOnce,
    name: 'searches',
    statementTimeoutMs,
    log,
  });
  const turns = createTurns({ atOnce: searchesAtOnce, maxWaiting, waitMs, refuse: busy });

  /** The statement fails with the code 57014, as at its time limit; `run` tells the two apart. */
  async function stop(pid: number): Promise<void> {
    await pool.query('select pg_cancel_backend($1)', [pid]).catch((err: unknown) => {
      log.warn({ err }, 'the search of a disconnected caller could not be stopped');
    });
  }

  return {
    async run(signal, search) {
      await turns.take(signal);
      try {
        return await records.db.connection().execute(async (connection) => {
          const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(
            connection,
          );
          let stopping: Promise<void> | undefined;
          const onAbort = (): void => void (stopping = stop(rows[0]?.pid ?? 0));
          signal.throwIfAborted();
          signal.addEventListener('abort', onAbort);
          try {
            return await search(connection);
          } catch (error) {
            // It failed because its caller has gone, which is no error of the database.
            signal.throwIfAborted();
            throw error;
          } finally {
            signal.removeEventListener('abort', onAbort);
            // A late cancel must not stop the next search on this connection.
            await stopping;
          }
        });
      } finally {
        turns.leave();
      }
    },
    close: () => records.close(),
  };
}

function busy(): KilnError {
  return new KilnError(
    'searches_busy',
    `${searchesAtOnce} lists with q, metadata, error_code or model run already, the most this ` +
      'process runs at a time; retry',
    { retryAfterMs: 1_000 },
  );
}
