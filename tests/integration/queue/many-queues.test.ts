/** Two hundred queues share the connections of a process. */
import { openQueueEngine } from '@kiln/shared/queue/open-queue-engine';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withClient } from '../../support/engines/postgres-server.ts';
import { withRedis } from '../../support/engines/redis-server.ts';
import { startPrivateRedis } from '../../support/engines/redis.ts';
import { createTestDatabase } from '../../support/engines/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { log } from '../records/support.ts';
import { buildItem } from './support.ts';

const queues = Array.from({ length: 200 }, (_, index) => `images-pool-${index}`);
const mostConnections = 10;

async function openOnPostgres() {
  const { url } = await createTestDatabase();
  const count = `select count(*)::int from pg_stat_activity
    where application_name = 'kiln-queue' and datname = current_database()`;
  return {
    options: { databaseUrl: url, redisUrl: null, connections: 8 },
    countConnections: async () =>
      (await withClient(url, (client) => client.query<{ count: number }>(count))).rows[0]!.count,
  };
}

async function openOnRedis() {
  const redis = await startPrivateRedis();
  return {
    options: { databaseUrl: '', redisUrl: redis.url },
    countConnections: async () => {
      const list = await withRedis(redis.url, async (client) =>
        String(await client.client('LIST')),
      );
      return list.trim().split('\n').length - 1; // without the one that asks
    },
  };
}

describe.each([
  ['postgres', openOnPostgres],
  ['redis', openOnRedis],
] as const)('on %s', (_name, open) => {
  test('items of 200 queues run within ten connections', async () => {
    const { options, countConnections } = await open();
    const engine = await openQueueEngine({ ...options, queues: queues.length, log });
    onTestFinished(() => engine.close());
    const ran = new Set<string>();
    const consumers = queues.map((queue) =>
      engine.consume({
        kind: 'images',
        queue,
        concurrency: 2,
        run: async ({ jobId }) => {
          ran.add(jobId);
          return { status: 'done' };
        },
      }),
    );
    for (const consumer of consumers) consumer.start();
    onTestFinished(async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
    });
    const producers = queues.map((queue) => engine.producer('images', queue));
    for (const round of ['first', 'second']) {
      // Many more at once than there are connections, but not so many that the last one waits for
      // its connection until a slow machine gives up.
      for (let first = 0; first < producers.length; first += 40)
        await Promise.all(
          producers
            .slice(first, first + 40)
            .map((producer, index) => producer.add([buildItem(`${round}-${first + index}`)])),
        );
      await waitFor(() => [...ran].filter((name) => name.startsWith(round)).length === 200, {
        what: `the ${round} item of every queue to run`,
      });
    }
    expect(await countConnections()).toBeLessThanOrEqual(mostConnections);
  });
});
