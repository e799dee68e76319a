/** Opens the records: a `pg` pool and Kysely over it. The caller closes it. */
import { Kysely } from 'kysely';
import pg from 'pg';
import type { Logger } from '../../logger.ts';
import { explainNoConnection } from './explain-no-connection.ts';
import { createPostgresDialect } from './postgres-dialect.ts';
import type { Schema } from './schema.ts';

export type Database = Kysely<Schema>;

export interface Records {
  db: Database;
  pool: pg.Pool;
  /** Throws one sentence if the server does not answer, or is older than PostgreSQL 14. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const oldestServer = 14;

// int8 holds counts, bytes and micro-dollars, all far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export function openRecords(options: {
  databaseUrl: string;
  connections: number;
  /** The number of connections that stay open while idle. More are opened when they are needed. */
  kept?: number;
  name: string;
  /** The time limit of a statement. */
  statementTimeoutMs: number;
  log: Logger;
}): Records {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.connections,
    min: options.kept ?? 0,
    // At six calls a minute the default, 10 s, would open connections anew for each call.
    idleTimeoutMillis: 60_000,
    application_name: `kiln-${options.name}`,
    // If the database does not answer, fail the request with a clear error instead of holding it.
    connectionTimeoutMillis: Math.min(5_000, options.statementTimeoutMs),
    statement_timeout: options.statementTimeoutMs,
    // Covers a connection that has gone silent: the server's own limit cannot reach us through it.
    query_timeout: options.statementTimeoutMs + 1_000,
    keepAliveInitialDelayMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', (err) => options.log.warn({ err }, 'an idle database connection was lost'));
  // The pool listens to idle connections only. A connection that is cut while it works fails its
  // statement, which is enough; but an unhandled error event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    db: new Kysely<Schema>({ dialect: createPostgresDialect(pool) }),
    pool,
    async check() {
      const { rows } = await pool
        .query<{ major: number; version: string }>(
          `select current_setting('server_version_num')::int / 10000 as major,
            current_setting('server_version') as version`,
        )
        .catch((error: unknown) => {
          throw explainNoConnection(error);
        });
      const [server] = rows;
      if (server === undefined || server.major < oldestServer) {
        throw new Error(
          `PostgreSQL ${server?.version ?? '?'} at DATABASE_URL is too old: Kiln needs ` +
            `${oldestServer} or newer`,
        );
      }
    },
    close: () => pool.end(),
  };
}
