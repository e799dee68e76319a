/** Who is handed how many deliveries while others are out: places of one lane, and of all. */
import { takeDue, type Places } from '@kiln/shared/records/webhooks/delivery-dispatches';
import { expect, test } from 'vitest';
import { openTestRecords, type TestRecords } from '../records/support.ts';

const places: Places = { trusted: 24, suspect: 2, ofAllTrusted: 96, ofAllSuspect: 96 };

/** Lanes whose last delivery was answered within milliseconds. */
async function answered({ pool }: TestRecords, lanes: readonly string[]): Promise<void> {
  await pool.query(
    'insert into kiln.webhook_lanes (lane, succeeded_at, answer_ms) select lane, now(), 5 from unnest($1::text[]) lane',
    [lanes],
  );
}

/** Deliveries of each lane that are due; or out, for so long. */
async function add(
  { pool }: TestRecords,
  lanes: readonly string[],
  count: number,
  outSeconds?: number,
) {
  await pool.query(
    `insert into kiln.deliveries (project_id, url, lane, event_id, event_type, event_created_at, event_data, request_id, lease_expires_at, sending_since)
     select 'default', 'https://receiver.example', lane, gen_random_uuid(), 'job.created', now(), '{}', 'req_test',
       case when $3::int is not null then now() + interval '1 minute' end, now() - $3::int * interval '1 second'
     from unnest($1::text[]) lane, generate_series(1, $2::int)`,
    [lanes, count, outSeconds ?? null],
  );
}

/** Hands over what is due; resolves to how many of each lane that were. */
async function take({ db, pool }: TestRecords): Promise<Record<string, number>> {
  const { dispatches } = await takeDue(db, places, '');
  const { rows } = await pool.query<{ lane: string; count: number }>(
    'select lane, count(*)::int from kiln.deliveries where id = any($1) group by lane',
    [dispatches.map(({ deliveryId }) => deliveryId)],
  );
  return Object.fromEntries(rows.map(({ lane, count }) => [lane, count]));
}

/** Whatever is out has been for three seconds. */
async function growSlow({ pool }: TestRecords): Promise<void> {
  await pool.query(
    `update kiln.deliveries set sending_since = now() - interval '3 seconds' where lease_expires_at is not null`,
  );
}

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}_${index}`);

test('a receiver that answers has two places beside what hangs, and never more out than one without', async () => {
  const records = await openTestRecords();
  await answered(records, ['prompt']);
  await add(records, ['prompt', 'unknown'], 2, 3);
  await add(records, ['prompt', 'unknown'], 50);
  for (let out = 2; out < 24; out += 2) {
    expect(await take(records)).toEqual({ prompt: 2 });
    expect(await take(records)).toEqual({});
    await growSlow(records);
  }
  expect(await take(records)).toEqual({});
});

test('one that fails, or answers slowly, has two places with what hangs', async () => {
  const records = await openTestRecords();
  await answered(records, ['failing', 'slow']);
  await records.pool.query(
    `update kiln.webhook_lanes set failing_since = now() where lane = 'failing'`,
  );
  await records.pool.query(`update kiln.webhook_lanes set answer_ms = 3000 where lane = 'slow'`);
  await add(records, ['failing', 'slow'], 1, 3);
  await add(records, ['failing', 'slow'], 50);
  expect(await take(records)).toEqual({ failing: 1, slow: 1 });
  expect(await take(records)).toEqual({});
});

test('receivers that turn slow take from the others what two places each are, up to a bound, and from prompt ones nothing', async () => {
  const records = await openTestRecords();
  const hung = named('hung', 8);
  await answered(records, [...hung, ...named('prompt', 4)]);
  await add(records, hung.slice(0, 4), 24, 3);
  await add(records, named('new', 60), 2);
  await add(records, ['prompt_0'], 30);
  const first = await take(records);
  expect(first['prompt_0']).toBe(24);
  delete first['prompt_0'];
  expect(Object.values(first).reduce((sum, count) => sum + count, 0)).toBe(96 - 4 * 2);

  // As many again: suspects have all that they ever have, and prompt ones what is theirs.
  await add(records, hung.slice(4), 24, 3);
  await add(records, ['prompt_1', 'prompt_2', 'prompt_3'], 30);
  expect(await take(records)).toEqual({ prompt_1: 24, prompt_2: 24, prompt_3: 24 });
  expect(await take(records)).toEqual({});
});
