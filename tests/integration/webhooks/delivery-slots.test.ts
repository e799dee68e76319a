/** How many deliveries `takeDue` dispatches to each receiver while others are out. */
import { takeDue, type DeliverySlots } from '@kiln/shared/records/webhooks/delivery-dispatches';
import { expect, test } from 'vitest';
import { openTestRecords, waitForLock, type TestRecords } from '../records/support.ts';

const slots: DeliverySlots = {
  promptReceiver: 24,
  slowReceiver: 2,
  allPromptReceivers: 96,
  allSlowReceivers: 96,
};

/** Records that the last delivery to each receiver was answered within milliseconds. */
async function addPrompt({ pool }: TestRecords, receivers: readonly string[]): Promise<void> {
  await pool.query(
    `insert into kiln.webhook_receivers (receiver, answer_ms)
     select receiver, 5 from unnest($1::text[]) receiver`,
    [receivers],
  );
}

/** Adds deliveries to each receiver: due, or sent `outSeconds` ago and not answered yet. */
async function add(
  { pool }: TestRecords,
  receivers: readonly string[],
  count: number,
  outSeconds?: number,
) {
  await pool.query(
    `insert into kiln.deliveries (project_id, url, receiver, event_id, event_type,
       event_created_at, event_data, request_id, lease_expires_at, sending_since)
     select 'default', 'https://receiver.example', receiver, gen_random_uuid(), 'job.created',
       now(), '{}', 'req_test',
       case when $3::int is not null then now() + interval '1 minute' end,
       now() - $3::int * interval '1 second'
     from unnest($1::text[]) receiver, generate_series(1, $2::int)`,
    [receivers, count, outSeconds ?? null],
  );
}

/** Dispatches what is due. Resolves to the number of deliveries of each receiver. */
async function take({ db, pool }: TestRecords): Promise<Record<string, number>> {
  const { dispatches } = await takeDue(db, slots);
  const { rows } = await pool.query<{ receiver: string; count: number }>(
    'select receiver, count(*)::int from kiln.deliveries where id = any($1) group by receiver',
    [dispatches.map(({ deliveryId }) => deliveryId)],
  );
  return Object.fromEntries(rows.map(({ receiver, count }) => [receiver, count]));
}

/** Makes every delivery that is out three seconds old. */
async function makeLate({ pool }: TestRecords): Promise<void> {
  await pool.query(
    `update kiln.deliveries set sending_since = now() - interval '3 seconds'
     where lease_expires_at is not null`,
  );
}

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}_${index}`);

test('a receiver that was prompt has two slots beside late deliveries, up to 24', async () => {
  const records = await openTestRecords();
  await addPrompt(records, ['prompt']);
  await add(records, ['prompt', 'unknown'], 2, 3);
  await add(records, ['prompt', 'unknown'], 50);
  for (let out = 2; out < 24; out += 2) {
    expect(await take(records)).toEqual({ prompt: 2 });
    expect(await take(records)).toEqual({});
    await makeLate(records);
  }
  expect(await take(records)).toEqual({});
});

test('a failing or slow receiver has two slots, late deliveries included', async () => {
  const records = await openTestRecords();
  await addPrompt(records, ['failing', 'slow', 'enabled']);
  await records.pool.query(
    `update kiln.webhook_receivers set failing_since = now() where receiver = 'failing'`,
  );
  await records.pool.query(
    `update kiln.webhook_receivers set answer_ms = 3000 where receiver = 'slow'`,
  );
  // Imitate a receiver whose endpoint was enabled again and that has never answered.
  await records.pool.query(
    `update kiln.webhook_receivers set answer_ms = null where receiver = 'enabled'`,
  );
  await add(records, ['failing', 'slow', 'enabled'], 1, 3);
  await add(records, ['failing', 'slow', 'enabled'], 50);
  expect(await take(records)).toEqual({ failing: 1, slow: 1, enabled: 1 });
  expect(await take(records)).toEqual({});
});

test('receivers that turn slow take two slots each from slow ones only', async () => {
  const records = await openTestRecords();
  const hung = named('hung', 8);
  await addPrompt(records, [...hung, ...named('prompt', 4)]);
  await add(records, hung.slice(0, 4), 24, 3);
  await add(records, named('new', 60), 2);
  await add(records, ['prompt_0'], 30);
  const first = await take(records);
  expect(first['prompt_0']).toBe(24);
  delete first['prompt_0'];
  expect(Object.values(first).reduce((sum, count) => sum + count, 0)).toBe(96 - 4 * 2);

  // Four more receivers turn slow. The slots of slow receivers are in use.
  await add(records, hung.slice(4), 24, 3);
  await add(records, ['prompt_1', 'prompt_2', 'prompt_3'], 30);
  expect(await take(records)).toEqual({ prompt_1: 24, prompt_2: 24, prompt_3: 24 });
  expect(await take(records)).toEqual({});
});

test('many receivers that hang together do not occupy the slots of prompt ones', async () => {
  const records = await openTestRecords();
  const hung = named('hung', 24);
  await addPrompt(records, [...hung, 'prompt']);
  await add(records, hung, 7, 3);
  await add(records, hung, 30);
  await add(records, ['prompt'], 30);
  const { prompt, ...first } = await take(records);
  expect(prompt).toBe(24);
  // 24 * 7 = 168 are out, and slow receivers never get more than 192 in all.
  expect(Object.values(first).reduce((sum, count) => sum + count, 0)).toBe(192 - 168);
  await makeLate(records);
  expect(await take(records)).toEqual({});
});

test('a delivery that is failed meanwhile is not dispatched', async () => {
  const records = await openTestRecords();
  await add(records, ['closed'], 1);
  const other = await records.pool.connect();
  try {
    await other.query('begin');
    await other.query(
      `update kiln.deliveries set status = 'failed', failure = 'endpoint_disabled',
         next_try_at = null, finished_at = now()`,
    );
    const taken = takeDue(records.db, slots);
    await waitForLock(records, 'the dispatch to wait');
    await other.query('commit');
    expect((await taken).dispatches).toEqual([]);
  } finally {
    other.release();
  }
  const { rows } = await records.pool.query('select status, lease_expires_at from kiln.deliveries');
  expect(rows).toEqual([{ status: 'failed', lease_expires_at: null }]);
});

test('the longest due delivery goes first among many', async () => {
  const records = await openTestRecords();
  const receivers = named('prompt', 1_200);
  await addPrompt(records, [...receivers, 'z']);
  await add(records, receivers, 2);
  await add(records, ['z'], 1);
  await records.pool.query(
    `update kiln.deliveries set next_try_at = now() - interval '1 minute' where receiver = 'z'`,
  );
  const taken = await take(records);
  expect(taken['z']).toBe(1);
  // Every receiver gets a slot before any gets a second one.
  expect(Object.values(taken)).toEqual(Array.from({ length: 96 }, () => 1));
});

test('the deliveries of each receiver are found without reading those of the others', async () => {
  const records = await openTestRecords();
  const receivers = named('prompt', 1_000);
  await addPrompt(records, receivers);
  await add(records, receivers, 2);
  const client = await records.pool.connect();
  try {
    await client.query('begin');
    await client.query('select kiln.take_due_deliveries(24, 2, 96, 96, 2000, 15000)');
    const { rows } = await client.query<{ fetched: number }>(
      `select idx_tup_fetch::int as fetched from pg_stat_xact_user_tables
       where relid = 'kiln.deliveries'::regclass`,
    );
    expect(rows[0]?.fetched).toBeLessThan(20_000);
    await client.query('commit');
  } finally {
    client.release();
  }
});
