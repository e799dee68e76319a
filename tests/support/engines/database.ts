/**
 * PostgreSQL for test files: a fresh, empty database on the run's server, or a server of one's own.
 */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { atEndOfFile } from '../end-of-file.ts';
import { openPostgresServer, type PostgresServer, withClient } from './postgres-server.ts';

export interface TestDatabase {
  url: string;
  /**
   * Needed only where the drop itself is part of a test: at the end of the file it is done, unless
   * a test failed.
   */
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgresUrl, postgresStays } = inject('engines');
  const name = `kiln_test_${randomBytes(6).toString('hex')}`;
  // template0 can always be copied; template1 only while nobody is connected to it. Copying files
  // is the faster way here.
  await withClient(postgresUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`),
  );
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;

  const drop = async (): Promise<void> => {
    await withClient(postgresUrl, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    );
  };
  atEndOfFile(async (outcome) => {
    if (outcome === 'passed') await drop();
    else if (postgresStays) console.log(`Kept the database of this failed file: ${name}`);
  });
  return { url: url.href, drop };
}

/** For tests that stop, crash and restart it. Takes about half a second to open. */
export async function startPrivatePostgres(): Promise<PostgresServer> {
  const server = await openPostgresServer(inject('engines').postgresBinaries);
  atEndOfFile(() => server.remove());
  return server;
}
