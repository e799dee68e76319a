/**
 * Redis fails over in the middle of two hundred jobs, while connections to the old primary stay
 * open: readiness says so, no job is lost or called for twice, and the log stays short.
 */
import { expect, inject, test } from 'vitest';
import { startPrivateRedis } from '../../support/engines/redis.ts';
import { withRedis } from '../../support/engines/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectAllSucceeded } from '../rig/invariants.ts';
import { openEnvironment } from '../rig/open-environment.ts';

const jobs = 200;
/** Two warnings of one process are a second apart; its clock and ours may differ a little. */
const leastBetweenMs = 950;
const warning = 40;

interface Line {
  level: number;
  time: number;
  jobId?: string;
  msg: string;
}

test.skipIf(inject('engines').redisLauncher?.kind !== 'server')(
  'every job succeeds with one call, and the queue is soon ready again',
  async () => {
    const environment = await openEnvironment({ engine: 'redis', rpm: 2_400, minuteMs: 60_000 });
    const primary = new URL(environment.redis!.url);
    const replica = await startPrivateRedis();
    const { hostname, port } = new URL(replica.url);
    const queueState = async () =>
      ((await (await environment.request('/readyz')).json()) as { queue: string }).queue;
    await withRedis(replica.url, async (redis) => {
      await redis.replicaof(primary.hostname, primary.port);
      await waitFor(async () => (await redis.info()).includes('master_link_status:up'), {
        what: 'the replica to be in step',
      });
    });
    await environment.startWorker();
    const ids = await environment.submit(jobs);
    await environment.waitForCount('succeeded', jobs / 5);

    await withRedis(replica.url, (redis) => redis.replicaof('NO', 'ONE'));
    await withRedis(primary.href, (redis) => redis.replicaof(hostname, port));
    await waitFor(async () => (await queueState()) === 'unavailable', {
      what: 'readiness to say that the queue is away',
    });
    environment.links.queue!.leadTo(replica.url);
    await waitFor(async () => (await queueState()) === 'ok', {
      what: 'the queue to be ready again',
    });
    ids.push(...(await environment.submit(1)));

    await environment.waitForCount('succeeded', jobs + 1);
    expect(await expectAllSucceeded(environment, ids)).toEqual({
      attempts: jobs + 1,
      unknown: 0,
      calls: jobs + 1,
      paid: jobs + 1,
    });
    for (const { output } of [environment.api, ...environment.workers]) {
      const warnings = output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Line)
        // A busy machine may miss starts of jobs, which is not about Redis.
        .filter(({ level, jobId }) => level >= warning && jobId === undefined);
      for (const [msg, said] of Map.groupBy(warnings, (line) => line.msg)) {
        const gaps = said.slice(1).map(({ time }, index) => time - said[index]!.time);
        expect(
          gaps.filter((gap) => gap < leastBetweenMs),
          msg,
        ).toEqual([]);
      }
    }
  },
);
