/** Schedules in a real engine: each task has one, which is restored when the engine has lost it. */
import { maintenanceQueue, maintenanceTasks } from '@kiln/shared/queue/catalogue';
import type { ListedObject } from '@kiln/shared/storage/object-store';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWorkerDeps } from '../../../../apps/worker/src/deps.ts';
import { buildWorkers } from '../../../../apps/worker/src/workers.ts';
import { engines, type OpenEngine } from '../../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { eventsOf } from '../../records/support.ts';

const repetitions = maintenanceTasks.map((task) => task.replaceAll('_', '-')).toSorted();

async function addDue(kiln: TestKiln): Promise<string> {
  const { id } = await kiln.submit();
  await kiln.deps.records.pool.query(
    "update kiln.jobs set status = 'held', expires_at = now() - interval '1 second' where id = $1",
    [id],
  );
  return id;
}

describe.each(engines)('on $name', (engine) => {
  test('every task has one schedule, and a lost schedule is registered again', async () => {
    const opened = await engine.open();
    const kiln = await startKiln({ engine: opened, workers: false });
    const maintenance = kiln.deps.engine.producer('maintenance', maintenanceQueue);
    const held = async () => [...(await maintenance.heldRepetitions())].toSorted();
    // No call may be running when a job is made due.
    await kiln.request('/v1/pools/default/pause', { method: 'POST' });
    try {
      const due = await addDue(kiln);
      await Promise.all([kiln.startWorkers(), kiln.startWorkers()]);
      await kiln.ended(due, ['expired']);
      expect(await eventsOf(kiln.deps.records, due)).toEqual(['job.created', 'job.expired']);
      await waitFor(async () => (await held()).join() === repetitions.join(), {
        what: 'every task to have its schedule',
      });
      // One pending run of each, and nothing else.
      await waitFor(async () => (await maintenance.heldIds()).size === repetitions.length, {
        what: 'the first turns to be over',
      });

      const before = await maintenance.heldIds();
      await forget(kiln, opened);
      const dueAfter = await addDue(kiln);
      // The pending runs are new, because the engine lost the previous ones.
      const areNew = async () => (await maintenance.heldIds()).isDisjointFrom(before);
      await waitFor(async () => (await areNew()) && (await held()).join() === repetitions.join(), {
        what: 'the schedules to be back',
      });
      await kiln.ended(dueAfter, ['expired']);
    } finally {
      await maintenance.close();
    }
  });

  test('a failed task waits for its next scheduled time', async () => {
    const kiln = await startKiln({ engine, workers: false });
    const stopping = new AbortController();
    const { maintenance, workers, asked, answer } = await startWithStuckStore(
      kiln,
      stopping.signal,
    );
    await asked.promise;
    answer.reject(new Error('the store is away'));
    await waitFor(async () => (await maintenance.heldIds()).size === repetitions.length, {
      what: 'only the next turns to be held',
    });
    await workers.close();
  });

  test('a run that a shutdown interrupts is left to another worker', async () => {
    const kiln = await startKiln({ engine, workers: false });
    const stopping = new AbortController();
    const { maintenance, workers, asked, answer } = await startWithStuckStore(
      kiln,
      stopping.signal,
    );
    await asked.promise;
    await waitFor(async () => (await maintenance.heldIds()).size === repetitions.length + 1, {
      what: 'the other tasks to be over',
    });
    stopping.abort();
    const closed = workers.close();
    answer.resolve([]);
    await closed;
    expect((await maintenance.heldIds()).size).toBe(repetitions.length + 1);
  });
});

/** Workers whose garbage collection waits at its first listing until `answer` settles. */
async function startWithStuckStore(kiln: TestKiln, stopping: AbortSignal) {
  const maintenance = kiln.deps.engine.producer('maintenance', maintenanceQueue);
  const worker = await openWorkerDeps(kiln.deps, stopping);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<ListedObject[]>();
  worker.maintenance.store = {
    ...worker.maintenance.store,
    list() {
      asked.resolve();
      return answer.promise;
    },
  };
  const workers = buildWorkers(kiln.deps, worker);
  onTestFinished(async () => {
    answer.resolve([]);
    await workers.close();
    await worker.close();
    await maintenance.close();
  });
  await workers.start();
  return { maintenance, workers, asked, answer };
}

/** Makes the engine lose everything, schedules included. */
async function forget(kiln: TestKiln, opened: OpenEngine): Promise<void> {
  if (opened.redisUrl === null)
    await kiln.deps.records.pool.query('truncate bullmq.job, bullmq.scheduler cascade');
  else await opened.close();
}
