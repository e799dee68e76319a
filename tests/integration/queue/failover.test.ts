/**
 * Redis fails over to its replica while connections to the old primary stay open: the engine says
 * that it is not ready, and takes and runs items on the new primary by itself.
 */
import { openQueueEngine } from '@kiln/shared/queue/open-queue-engine';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { topologies } from '../../support/engines/redis-topologies.ts';
import { waitFor } from '../../support/wait-for.ts';
import { log } from '../records/support.ts';
import { buildItem } from './support.ts';

const launcher = inject('engines').redisLauncher;
/** Only a real program, run by us, can be made a replica. */
const canFailOver = launcher?.kind === 'server';

describe.skipIf(!canFailOver).each(Object.entries(topologies))('behind %s', (_name, open) => {
  test('items are taken and run on the new primary', async () => {
    const topology = await open(launcher!);
    const engine = await openQueueEngine({ databaseUrl: '', redisUrl: topology.url, log });
    onTestFinished(() => engine.close());
    await engine.check();
    const producer = engine.producer('images', 'images-default');
    const ran: string[] = [];
    const consumer = engine.consume({
      kind: 'images',
      queue: 'images-default',
      concurrency: 3,
      run: async ({ jobId }) => {
        ran.push(jobId);
        return { status: 'done' };
      },
    });
    consumer.start();
    onTestFinished(() => consumer.close());
    await producer.add([buildItem('before')]);
    await waitFor(() => ran.length === 1, { what: 'an item to run before the failover' });

    // And back again: the servers have changed their roles then.
    for (const round of ['first', 'second']) {
      await topology.failOver(async () => {
        await expect(engine.ping()).rejects.toThrow();
        await expect(producer.add([buildItem('refused')])).rejects.toThrow();
      });
      await waitFor(() => engine.ping().then(() => true), {
        what: 'the engine to be ready again',
      });
      // A Sentinel names the new primary while the old one still takes writes, which are lost. The
      // dispatcher adds such an item again; the engine keeps it once.
      const hasRun = async (): Promise<boolean> => {
        if (ran.includes(round)) return true;
        await producer.add([buildItem(round)]);
        return false;
      };
      await waitFor(hasRun, {
        what: 'an item to run on the new primary',
      });
    }
    // A lost item that was added again may run twice; the claim of its job sees to that.
    expect([...new Set(ran)].filter((name) => name !== 'refused')).toEqual([
      'before',
      'first',
      'second',
    ]);
  });
});
