/** The queue engine behaves the same on both backends: order, repetition, loss and limits. */
import { engineTiming } from '@kiln/shared/queue/bullmq-engine';
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { waitFor } from '../../support/wait-for.ts';
import { buildItem, loseNextItem, openQueue } from './support.ts';

describe.each(engines)('on $name', (engineOf) => {
  test('an item runs once, with its payload, and is then forgotten', async () => {
    const { producer, consume } = await openQueue(engineOf);
    const ran: unknown[] = [];
    await producer.add([buildItem('a'), buildItem('b')]);
    expect(await producer.heldIds()).toEqual(new Set(['a', 'b']));
    await consume(async (payload) => {
      ran.push(payload);
      return { status: 'done' };
    });
    await waitFor(async () => (await producer.heldIds()).size === 0, {
      what: 'the engine to hold nothing',
    });
    expect(ran).toEqual([buildItem('a').payload, buildItem('b').payload]);
  });

  test('an item that is added again while it is held runs once', async () => {
    const { producer, consume } = await openQueue(engineOf);
    let runs = 0;
    const release = Promise.withResolvers<void>();
    await Promise.all([
      producer.add([buildItem('a')]),
      producer.add([buildItem('a'), buildItem('a')]),
    ]);
    await consume(
      async () => {
        runs += 1;
        await release.promise;
        return { status: 'done' };
      },
      { concurrency: 5 },
    );
    await waitFor(() => runs === 1, { what: 'the item to run' });
    // Also while it runs, although the consumer could run more items.
    await producer.add([buildItem('a'), buildItem('b')]);
    await waitFor(() => runs === 2, { what: 'the other item to run' });
    expect(await producer.heldIds()).toEqual(new Set(['a', 'b']));
    release.resolve();
    await waitFor(async () => (await producer.heldIds()).size === 0, {
      what: 'the engine to hold nothing',
    });
    expect(runs).toBe(2);
    await producer.add([buildItem('a')]);
    await waitFor(() => runs === 3, { what: 'the item to run again' });
  });

  test('later: the item runs again after its delay, and is held meanwhile', async () => {
    const { producer, consume } = await openQueue(engineOf);
    const ranAtMs: number[] = [];
    await consume(async () => {
      ranAtMs.push(performance.now());
      // Intervals may have fractions of a millisecond.
      return ranAtMs.length < 3 ? { status: 'later', delayMs: 250.4 } : { status: 'done' };
    });
    await producer.add([buildItem('a')]);
    await waitFor(() => ranAtMs.length === 1, { what: 'the first run' });
    expect(await producer.heldIds()).toEqual(new Set(['a']));
    await waitFor(async () => (await producer.heldIds()).size === 0, {
      what: 'the engine to hold nothing',
    });
    expect(ranAtMs).toHaveLength(3);
    for (const index of [1, 2])
      expect(ranAtMs[index]! - ranAtMs[index - 1]!).toBeGreaterThanOrEqual(245);
  });

  test('an item that is delayed while its consumer waits for others runs in time', async () => {
    const { producer, consume } = await openQueue(engineOf);
    const ranAtMs: number[] = [];
    const goOn = Promise.withResolvers<void>();
    await consume(
      async () => {
        ranAtMs.push(performance.now());
        await goOn.promise;
        return ranAtMs.length < 3 ? { status: 'later', delayMs: 100 } : { status: 'done' };
      },
      { concurrency: 5 },
    );
    await producer.add([buildItem('a')]);
    await waitFor(() => ranAtMs.length === 1, { what: 'the first run' });
    // The consumer has asked for further items meanwhile, and waits for one.
    await producer.add([buildItem('b')]);
    await waitFor(() => ranAtMs.length === 2, { what: 'the other item to run' });
    goOn.resolve();
    // An idle consumer would look by itself only after 20 s.
    await waitFor(() => ranAtMs.length >= 4, { timeoutMs: 10_000, what: 'both to run again' });
  });

  test('an item that alternately runs and waits is held all the time', async () => {
    const { producer, consume } = await openQueue(engineOf);
    let runs = 0;
    await consume(async () => {
      runs += 1;
      return runs < 10 ? { status: 'later', delayMs: 200 } : { status: 'done' };
    });
    await producer.add([buildItem('a')]);
    const missing = await waitFor(
      async () => {
        const runsBefore = runs;
        return (await producer.heldIds()).size === 0 && { runsBefore };
      },
      { what: 'the engine to hold nothing' },
    );
    expect(runs).toBe(10);
    expect(missing.runsBefore).toBeGreaterThanOrEqual(9);
  });

  test('an item that was lost on its way to a consumer is not held for long', async () => {
    // This is longer than the test takes from the loss to its next look, even on a busy machine.
    const timing = { ...engineTiming, recentlyActiveMs: 1_500 };
    const { opened, producer } = await openQueue(engineOf, { timing });
    await producer.add([buildItem('a'), buildItem('b')]);
    expect(await loseNextItem(opened)).toBe('a');
    // The lost item is still held, because it may be on its way.
    expect(await producer.heldIds()).toEqual(new Set(['a', 'b']));
    await waitFor(async () => !(await producer.heldIds()).has('a'), {
      what: 'the item not to be held any more',
    });
    expect(await producer.heldIds()).toEqual(new Set(['b']));
  });

  test('items without a priority run first; otherwise in the order of adding', async () => {
    const { producer, consume } = await openQueue(engineOf);
    await producer.add([buildItem('bulk-1', 10), buildItem('bulk-2', 10)]);
    await producer.add([buildItem('now-1'), buildItem('now-2')]);
    const ran: string[] = [];
    await consume(async ({ jobId }) => {
      ran.push(jobId);
      return { status: 'done' };
    });
    await waitFor(() => ran.length === 4, { what: 'all to run' });
    expect(ran).toEqual(['now-1', 'now-2', 'bulk-1', 'bulk-2']);
  });

  test('a consumer that runs all it may learns how many urgent items wait', async () => {
    const { producer, consume } = await openQueue(engineOf);
    const runs = new Map<string, PromiseWithResolvers<void>>();
    const waiting: number[] = [];
    await consume(
      async ({ jobId }) => {
        const run = Promise.withResolvers<void>();
        runs.set(jobId, run);
        await run.promise;
        return { status: 'done' };
      },
      { concurrency: 2, urgent: { priorities: [0, 1], onWaiting: (count) => waiting.push(count) } },
    );
    await producer.add([buildItem('urgent-1', 1)]);
    await waitFor(() => runs.size === 1, { what: 'the first item to run' });
    // The other slot was free for it.
    await producer.add([buildItem('bulk-1', 10), buildItem('bulk-2', 10)]);
    await waitFor(() => runs.size === 2, { what: 'both slots to be taken' });
    expect(waiting).toEqual([]);
    await producer.add([buildItem('urgent-2', 1), buildItem('urgent-3')]);
    await waitFor(() => waiting.length > 0, { what: 'the urgent items to be noticed' });
    expect(waiting[0]).toBe(2);
    runs.get('bulk-1')!.resolve();
    await waitFor(() => runs.size === 3, { what: 'the next item to run' });
    expect([...runs.keys()]).toEqual(['urgent-1', 'bulk-1', 'urgent-3']);
    const endAll = (): boolean => {
      for (const { resolve } of runs.values()) resolve();
      return runs.size === 5;
    };
    await waitFor(endAll, { what: 'all items to run' });
  });

  test('an item whose run throws runs again after a delay', async () => {
    const timing = { ...engineTiming, delayAfterErrorMs: 300 };
    const { producer, consume } = await openQueue(engineOf, { timing });
    let runs = 0;
    await consume(async () => {
      runs += 1;
      if (runs === 1) throw new Error('a bug');
      return { status: 'done' };
    });
    await producer.add([buildItem('a')]);
    await waitFor(() => runs === 2, { what: 'the second run' });
    await waitFor(async () => (await producer.heldIds()).size === 0, {
      what: 'the engine to hold nothing',
    });
  });

  test('an item with a wrong payload is not run, and is dropped', async () => {
    const { producer, consume } = await openQueue(engineOf);
    const ran: string[] = [];
    const foreign = { id: 'foreign', payload: { job: 'x' } as never };
    await consume(async ({ jobId }) => {
      ran.push(jobId);
      return { status: 'done' };
    });
    await producer.add([foreign, buildItem('good')]);
    await waitFor(() => ran.length === 1, { what: 'the good item to run' });
    expect(ran).toEqual(['good']);
    await waitFor(async () => (await producer.heldIds()).size === 0, {
      what: 'the engine to hold nothing',
    });
    expect(ran).toEqual(['good']);
  });

  test('a closed consumer finishes the items that run and begins no more', async () => {
    const { producer, consume } = await openQueue(engineOf);
    const ran: string[] = [];
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const consumer = await consume(async ({ jobId }) => {
      started.resolve();
      await release.promise;
      ran.push(jobId);
      return { status: 'done' };
    });
    await producer.add([buildItem('a'), buildItem('b')]);
    await started.promise;
    const closed = consumer.close();
    release.resolve();
    await closed;
    expect(ran).toEqual(['a']);
    expect(await producer.heldIds()).toEqual(new Set(['b']));
  });

  test('a repetition that every process registers is one repetition', async () => {
    const { engine } = await openQueue(engineOf);
    const maintenance = engine.producer('maintenance', 'maintenance');
    const ran: string[] = [];
    // Register all before the first run, as workers do not register a repetition whose task runs
    // (apps/worker/src/workers.ts).
    for (let process = 0; process < 4; process += 1)
      await maintenance.repeat('delete-expired', 3_600_000, { task: 'delete_expired' });
    const consumer = engine.consume({
      kind: 'maintenance',
      queue: 'maintenance',
      concurrency: 1,
      run: async ({ task }) => {
        ran.push(task);
        return { status: 'done' };
      },
    });
    consumer.start();
    await waitFor(() => ran.length > 0, { what: 'the first run' });
    // Only the next run is held.
    await waitFor(async () => (await maintenance.heldIds()).size === 1, {
      what: 'one run to be held',
    });
    expect(ran).toEqual(['delete_expired']);
    await consumer.close();
    await maintenance.close();
  });
});
