/**
 * A Redis server in a container. testcontainers also removes it when this process ends without
 * doing so.
 */
import type { RedisServer } from './redis-server-handle.ts';

const image = 'valkey/valkey:8-alpine';

export async function openRedisContainer(port: number, flags: string[]): Promise<RedisServer> {
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer(image)
    // Chooses the port here, because Docker would choose another one at a restart.
    .withExposedPorts({ container: 6379, host: port })
    .withCommand(['valkey-server', ...flags])
    .start();
  return {
    url: `redis://${container.getHost()}:${port}`,
    kill: async () => {
      await container.stop({ remove: false, timeout: 0 });
    },
    restart: () => container.restart({ timeout: 0 }),
    remove: async () => {
      await container.stop({ timeout: 0 });
    },
  };
}
