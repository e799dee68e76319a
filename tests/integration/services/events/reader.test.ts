/**
 * One reader serves all followers: those near the end from memory, those far behind from the table.
 * Each follower gets each event once.
 */
import {
  eventsChannel,
  newestPosition,
  readPageAfter,
  stampEvents,
} from '@kiln/shared/records/events/event-log';
import { listen } from '@kiln/shared/records/database/notifications';
import {
  createEventReader,
  type EventPage,
  type EventReader,
} from '@kiln/shared/services/events/event-reader';
import { createJobWaits } from '@kiln/shared/services/jobs/job-waits';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';
import { log, openTestRecords, type TestRecords } from '../../records/support.ts';

const silenceMs = 60_000;

/** Writes events numbered `from` to `to`. The job of event n is `job_<n modulo 10>`. */
async function write({ pool, db }: TestRecords, from: number, to: number): Promise<void> {
  await pool.query(
    `insert into kiln.events (project_id, type, job_id, data)
     select 'default', 'job.created', 'job_' || n % 10,
       jsonb_build_object('id', 'job_' || n % 10, 'n', n)
     from generate_series($1::int, $2::int) n`,
    [from, to],
  );
  for (;;) if ((await stampEvents(db)).stamped === 0) return;
}

interface Opened {
  records: TestRecords;
  reader: EventReader;
  /** Number of all queries, including the periodic ones. */
  queries(): number;
  /** Number of queries that read the table for a single follower. */
  ownQueries(): number;
}

async function open(): Promise<Opened> {
  const records = await openTestRecords();
  let [queries, ownQueries] = [0, 0];
  const db = records.db.withPlugin({
    transformQuery({ node }) {
      queries += 1;
      // Only reads for a single follower have an upper bound.
      if (JSON.stringify(node).includes('"<="')) ownQueries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const reader = createEventReader({ db, log });
  let isListening = false;
  const notifications = listen({
    channels: reader.listener.channels,
    onGap() {
      isListening = true;
      reader.listener.onGap();
    },
    databaseUrl: records.databaseUrl,
    log,
  });
  onTestFinished(async () => {
    await notifications.close();
    await reader.close();
  });
  await waitFor(() => isListening, { what: 'the reader to listen' });
  return { records, reader, queries: () => queries, ownQueries: () => ownQueries };
}

function until(): AbortSignal {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return controller.signal;
}

async function writeEvent({ pool, db }: TestRecords, jobId: string, type: string): Promise<void> {
  await pool.query(
    `insert into kiln.events (project_id, type, job_id, data) values ('default', $1, $2, '{}')`,
    [type, jobId],
  );
  await stampEvents(db);
}

/** Returns the notifications of another process; an empty one says that it listens. */
async function hear({ databaseUrl }: TestRecords): Promise<string[]> {
  const heard: string[] = [];
  const ear = listen({
    channels: { [eventsChannel]: (position) => heard.push(position) },
    onGap: () => heard.push(''),
    databaseUrl,
    log,
  });
  onTestFinished(() => ear.close());
  await waitFor(() => heard.length === 1, { what: 'another to listen' });
  return heard;
}

const numbersOf = ({ events }: EventPage) => events.map(({ data }) => Number(data['n']));
const count = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

/** Reads the pages in the background. */
function collect(pages: AsyncIterable<EventPage>): number[] {
  const seen: number[] = [];
  void (async () => {
    for await (const page of pages) seen.push(...numbersOf(page));
  })();
  return seen;
}

test('events that a client got from another process are not sent again', async () => {
  const records = await openTestRecords();
  // Only this test notifies the reader.
  const reader = createEventReader({ db: records.db, log });
  onTestFinished(() => reader.close());
  await write(records, 1, 5);
  collect(await reader.follow({}, 'now', { silenceMs, signal: until() }));
  await write(records, 6, 10);
  const seen = collect(await reader.follow({}, 10, { silenceMs, signal: until() }));
  await write(records, 11, 11);
  reader.listener.channels[eventsChannel]?.('11');
  await waitFor(() => seen.length > 0, { what: 'the new event' });
  expect(seen).toEqual([11]);
});

test('a thousand followers near the end share one query for new events', async () => {
  const { records, reader, queries, ownQueries } = await open();
  await write(records, 1, 100);
  const signal = until();
  const first = collect(await reader.follow({}, 90, { silenceMs, signal }));
  await waitFor(() => first.length === 10, { what: 'the first follower to have caught up' });

  const before = queries();
  const all = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) =>
      collect(await reader.follow({}, 50 + (index % 50), { silenceMs, signal })),
    ),
  );
  await waitFor(() => all.every((seen, index) => seen.length === 50 - (index % 50)), {
    what: 'all to have caught up',
  });

  await write(records, 101, 101);
  await waitFor(() => all.every((seen) => seen.at(-1) === 101), { what: 'all to hear of it' });
  expect(ownQueries()).toBe(0);
  expect(queries() - before).toBeLessThan(10); // one, and the periodic ones
  expect(all[0]).toEqual(count(51, 101));
  expect(all[49]).toEqual(count(100, 101));
});

test('a follower far behind reads the table until it reaches the memory', async () => {
  const { records, reader, ownQueries } = await open();
  await write(records, 1, 5_000);
  const signal = until();
  const near = collect(await reader.follow({}, 'now', { silenceMs, signal }));
  const far = collect(await reader.follow({}, 0, { silenceMs, signal }));
  const some = collect(await reader.follow({ jobId: 'job_3' }, 0, { silenceMs, signal }));
  for (let n = 5_001; n <= 5_100; n += 10) await write(records, n, n + 9);
  await waitFor(() => far.length >= 5_100 && some.length >= 510 && near.length >= 100, {
    what: 'all to be read',
  });
  expect(far).toEqual(count(1, 5_100));
  expect(ownQueries()).toBeGreaterThan(0);
  expect(some).toEqual(count(3, 5_100, 10));
  expect(near).toEqual(count(5_001, 5_100));
});

test('rare events are read in bounded statements that report how far they got', async () => {
  const records = await openTestRecords();
  const reader = createEventReader({ db: records.db, log, lookedAt: 1_000 });
  onTestFinished(() => reader.close());
  const rare = (n: number) =>
    records.pool.query(`update kiln.events set type = 'job.failed' where position = $1`, [n]);
  await write(records, 1, 5_000);
  for (const n of [1_500, 1_501, 4_999]) await rare(n);
  const steps: [number, number[]][] = [];
  for await (const page of await reader.follow({ types: ['job.failed'] }, 0, {
    silenceMs: 1_000,
    signal: until(),
  })) {
    steps.push([page.upTo, numbersOf(page)]);
    if (page.isNewest) break;
  }
  const page = {
    filter: { types: ['job.failed' as const] },
    limit: 3,
    lookedAt: 1_000,
    signal: until(),
  };
  const all = await readPageAfter(records.db, null, page);
  expect(all.map(({ position }) => position)).toEqual([1_500, 1_501, 4_999]);
  const one = await readPageAfter(records.db, 1_500, { ...page, limit: 1 });
  expect(one.map(({ position }) => position)).toEqual([1_501]);
  expect(steps).toEqual([
    [1_000, []],
    [2_000, [1_500, 1_501]],
    [3_000, []],
    [5_000, [4_999]],
  ]);
});

test('reading a page stops when its client disconnects', async () => {
  const records = await openTestRecords();
  await write(records, 1, 5_000);
  const gone = new AbortController();
  let queries = 0;
  const db = records.db.withPlugin({
    transformQuery({ node }) {
      // The first query reads the extent; the third is the second of five for the page.
      if (++queries === 3) gone.abort();
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const filter = { types: ['job.failed' as const] };
  const page = { limit: 1, filter, lookedAt: 1_000, signal: gone.signal };
  expect(await readPageAfter(db, null, page)).toEqual([]);
  expect(queries).toBe(3);
});

test('a follower without matches keeps up from memory and gets the first match', async () => {
  const { records, reader, ownQueries } = await open();
  await write(records, 1, 1);
  const signal = until();
  const rare = collect(
    await reader.follow({ types: ['job.failed'] }, 'now', { silenceMs, signal }),
  );
  const all = collect(await reader.follow({}, 'now', { silenceMs, signal }));
  // Write more than the memory holds: a follower that had been left behind would read the table.
  for (let n = 2; n <= 15_001; n += 5_000) await write(records, n, n + 4_999);
  await waitFor(() => all.length === 15_000, { what: 'all to be read' });
  const before = ownQueries();
  await records.pool.query(
    `insert into kiln.events (project_id, type, data) values ('default', 'job.failed', '{"id": ` +
      `"job_x", "n": -1}')`,
  );
  await stampEvents(records.db);
  await waitFor(() => rare.length === 1, { what: 'the one event' });
  expect(rare).toEqual([-1]);
  expect(ownQueries()).toBe(before);
});

test('without followers nothing is read, and the next one gets all later events', async () => {
  const { records, reader, queries } = await open();
  const gone = new AbortController();
  const first = collect(await reader.follow({}, 'now', { silenceMs, signal: gone.signal }));
  await write(records, 1, 3);
  await waitFor(() => first.length === 3, { what: 'the first to be received' });
  gone.abort();

  const before = queries();
  const heard = await hear(records);
  await write(records, 4, 4_000);
  await waitFor(() => Number(heard.at(-1)) === 4_000, { what: 'the notification' });
  expect(queries()).toBe(before);
  expect(await newestPosition(records.db)).toBe(4_000);

  const second = collect(await reader.follow({}, 3, { silenceMs, signal: until() }));
  await waitFor(() => second.length >= 3_997, { what: 'what was written meanwhile' });
  expect(second).toEqual(count(4, 4_000));
});

test('a thousand waits for jobs cost no query, and the end of a job wakes its waits', async () => {
  const { records, reader, queries } = await open();
  const waits = createJobWaits(reader);
  const signal = until();
  const woken: string[] = [];
  const begin = (jobId: string) => {
    const wait = waits.begin(jobId, 60_000, signal);
    void wait.ended.then(() => woken.push(jobId));
    return wait;
  };
  begin('job_first');
  await writeEvent(records, 'job_first', 'job.succeeded');
  await waitFor(() => woken.length === 1, { what: 'the first to be woken' });

  const before = queries();
  const others = Array.from({ length: 1_000 }, (_, index) => begin(`job_${index}`));
  await writeEvent(records, 'job_7', 'job.started');
  await writeEvent(records, 'job_8', 'job.held');
  await waitFor(() => woken.length === 2, { what: 'another to be woken' });
  expect(woken).toEqual(['job_first', 'job_8']);
  expect(queries() - before).toBeLessThan(8); // the reader's own, for two events

  for (const wait of others) wait.cancel();
  const heard = await hear(records);
  const atRest = queries();
  await writeEvent(records, 'job_9', 'job.failed');
  await waitFor(() => heard.length === 2, { what: 'the notification' });
  expect(queries()).toBe(atRest);
});

test('a wait that began while the database was away wakes when it is back', async () => {
  const records = await openTestRecords();
  let refusals = 1;
  const db = records.db.withPlugin({
    transformQuery({ node }) {
      if (refusals-- > 0) throw new Error('the records are away');
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  // Only this test notifies the reader.
  const reader = createEventReader({ db, log });
  onTestFinished(() => reader.close());
  let isWoken = false;
  const wait = createJobWaits(reader).begin('job_x', 60_000, until());
  void wait.ended.then(() => (isWoken = true));
  await waitFor(() => refusals === 0, { what: 'the first read to fail' });
  await writeEvent(records, 'job_x', 'job.succeeded');
  await write(records, 2, 2_500);
  expect(isWoken).toBe(false);
  reader.listener.channels[eventsChannel]?.('2500');
  await waitFor(() => isWoken, { what: 'the waiter to be received' });
});

test('an empty page tells how far everything was sent, and is never ahead of it', async () => {
  const { records, reader } = await open();
  await write(records, 1, 5);
  // The reader checks for silence every second, so it sends a page every second.
  const pages = await reader.follow({ jobId: 'job_3' }, 'now', {
    silenceMs: 1_000,
    signal: until(),
  });
  const received: number[] = [];
  const cursors: number[] = [];
  let written = 5;
  for await (const page of pages) {
    received.push(...numbersOf(page));
    if (page.events.length > 0) continue;
    cursors.push(page.upTo);
    // Numbers equal positions here; the first five events were written before.
    expect(received).toEqual(count(13, page.upTo, 10));
    if (page.upTo === 45) break;
    // An empty page may come before the reader is notified of the newest events.
    if (page.upTo === written) await write(records, written + 1, (written += 20));
  }
  expect(cursors[0]).toBe(5);
  expect(received).toEqual([13, 23, 33, 43]);
});

test('a silent stream gets an empty page in every silence', async () => {
  const { reader } = await open();
  const pages = await reader.follow({}, 'now', { silenceMs: 2_000, signal: until() });
  const startedMs = performance.now();
  const lengths: number[] = [];
  for await (const { events } of pages) if (lengths.push(events.length) === 3) break;
  expect(lengths).toEqual([0, 0, 0]);
  expect(performance.now() - startedMs).toBeGreaterThan(1_900);
});
