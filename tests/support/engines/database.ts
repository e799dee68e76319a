/** Databases for test files: on the run's PostgreSQL server, or on a private server. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { atEndOfFile } from '../end-of-file.ts';
import { openPostgresContainer } from './postgres-container.ts';
import { openPostgresServer, type PostgresServer } from './postgres-server.ts';

export interface TestDatabase {
  url: string;
  /**
   * Drops the database now. The end of the file does it in any case, unless a test failed; then the
   * database stays for inspection where its server stays.
   */
  drop(): Promise<void>;
}

/** Creates a database that is migrated already: a copy of the run's template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return copyDatabase(inject('engines').postgresTemplate);
}

/** Creates a database without any table of Kiln, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return copyDatabase('template0');
}

async function copyDatabase(template: string): Promise<TestDatabase> {
  const { postgresUrl, postgresStays } = inject('engines');
  const name = `kiln_test_${randomBytes(6).toString('hex')}`;
  // Copying the files is faster here than writing the copy to the WAL, the default.
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;

  const drop = async (): Promise<void> => {
    await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  atEndOfFile(async (outcome) => {
    if (outcome === 'passed') await drop();
    else if (postgresStays) console.log(`Kept the database of this failed file: ${name}`);
  });
  return { url: url.href, drop };
}

let administrators: pg.Pool | undefined;

/** Keeps its connection, which costs more than most of what runs on it. */
async function administer(statement: string): Promise<void> {
  if (administrators === undefined) {
    administrators = new pg.Pool({
      connectionString: inject('engines').postgresUrl,
      max: 2,
      idleTimeoutMillis: 0,
      allowExitOnIdle: true,
    });
    administrators.on('error', () => undefined); // the server ends before this process
  }
  await administrators.query(statement);
}

/** Opens a server for tests that stop, crash and restart it. Takes about half a second. */
export async function startPrivatePostgres(): Promise<PostgresServer> {
  const server = await openPrivateServer();
  atEndOfFile(() => server.remove());
  return server;
}

function openPrivateServer(): Promise<PostgresServer> {
  const { postgresBinaries } = inject('engines');
  return postgresBinaries === null
    ? openPostgresContainer({ isKilled: true })
    : openPostgresServer(postgresBinaries, { isKilled: true });
}
