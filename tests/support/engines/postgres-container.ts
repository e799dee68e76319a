/**
 * A PostgreSQL server in a container, with the settings of the server from npm. testcontainers also
 * removes it when this process ends without doing so.
 */
import { freePort } from './server-process.ts';
import {
  readPostgresVersion,
  settingsOf,
  type PostgresOptions,
  type PostgresServer,
} from './postgres-server.ts';
import { waitFor } from '../wait-for.ts';

/** The image of docker-compose.yml. */
const image = 'postgres:18';
const password = 'kiln';
/** How long a fast shutdown may take. An immediate stop kills the server at once. */
const shutdownSeconds = 10;

export async function openPostgresContainer(
  options: PostgresOptions = {},
): Promise<PostgresServer> {
  const { GenericContainer } = await import('testcontainers');
  // Chooses the port here, because Docker would choose another one at a restart.
  const port = await freePort();
  const container = await new GenericContainer(image)
    .withExposedPorts({ container: 5432, host: port })
    .withEnvironment({
      POSTGRES_USER: 'kiln',
      POSTGRES_PASSWORD: password,
      // Sorts the same as the server from npm.
      POSTGRES_INITDB_ARGS: '--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C',
      POSTGRES_DB: 'postgres',
    })
    .withCommand([
      'postgres',
      ...Object.entries(settingsOf(options)).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ])
    .start();
  const url = `postgres://kiln:${password}@${container.getHost()}:${port}/postgres`;
  const waitForAnswer = async (): Promise<void> => {
    await waitFor(async () => (await readPostgresVersion(url)) !== '', {
      what: 'PostgreSQL in Docker to answer',
    });
  };
  await waitForAnswer();
  return {
    url,
    stop: async (mode = 'fast') => {
      const timeout = mode === 'immediate' ? 0 : shutdownSeconds * 1_000;
      await container.stop({ remove: false, timeout });
    },
    start: async () => {
      await container.restart({ timeout: 0 });
      await waitForAnswer();
    },
    remove: async () => void (await container.stop({ timeout: 0 })),
  };
}
