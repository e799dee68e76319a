/**
 * The template that every test database of a run is copied from: migrated, and with the tables of
 * the queue on PostgreSQL. It allows no connections, because PostgreSQL copies only a database that
 * is not in use.
 */
import { randomBytes } from 'node:crypto';
import { createLogger } from '@kiln/shared/logger';
import { openQueueEngine } from '@kiln/shared/queue/open-queue-engine';
import { migrate } from '@kiln/shared/records/database/migrate';
import pg from 'pg';
import { withClient } from './postgres-server.ts';

export interface TemplateDatabase {
  name: string;
  drop(): Promise<void>;
}

/** @param serverUrl a database of the server other than the template */
export async function createTemplateDatabase(serverUrl: string): Promise<TemplateDatabase> {
  const name = `kiln_test_template_${randomBytes(6).toString('hex')}`;
  await withClient(serverUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`),
  );
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  await migrate(pool);
  await pool.end();
  const log = createLogger({ name: 'test', level: 'silent' });
  const engine = await openQueueEngine({ databaseUrl: url.href, redisUrl: null, log });
  await engine.close();
  await withClient(serverUrl, (client) =>
    client.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`),
  );
  return {
    name,
    drop: async () => {
      await withClient(serverUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name}`));
    },
  };
}
