/** Means of what calls were billed: written by many workers, read by every process. */
import { readLearnt, type LearntKey } from '@kiln/shared/models/cost/learnt-tokens';
import { openRecords } from '@kiln/shared/records/database/open-records';
import { addSamples, readMeans } from '@kiln/shared/records/jobs/learnt-tokens';
import { createTokenMemory } from '@kiln/shared/services/token-memory';
import { beforeAll, expect, test } from 'vitest';
import { log, openTestRecords, type TestRecords } from '../support.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords();
});

const keyOf = (variant: string): LearntKey => ({
  provider: 'openai',
  model: 'gpt-image-2',
  meter: 'output',
  variant,
});
const meanOf = async (key: LearntKey) => readLearnt(await readMeans(records.db)).find(key);
const repeat = (key: LearntKey, value: number, times: number) =>
  Array.from({ length: times }, () => ({ key, value }));

test('many workers add samples of the same keys at once, and none is lost', async () => {
  const [one, other] = [keyOf('1024x1024 low'), keyOf('1024x1024 high')];
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      addSamples(
        records.db,
        index % 2 === 0
          ? [...repeat(one, 190, 5), ...repeat(other, 7_000, 1)]
          : [...repeat(other, 7_100, 1), ...repeat(one, 200, 5)],
      ),
    ),
  );
  const found = await meanOf(one);
  expect(found?.calls).toBe(100);
  expect(found?.mean).toBeCloseTo(195, 6);
  expect((await meanOf(other))?.mean).toBeCloseTo(7_050, 6);
});

test('after 250 calls of a new way of counting, the old one is nearly forgotten', async () => {
  const key = keyOf('auto auto');
  await addSamples(records.db, repeat(key, 1_000, 400));
  expect(await meanOf(key)).toEqual({ mean: 1_000, calls: 250 });
  for (let round = 0; round < 10; round += 1) await addSamples(records.db, repeat(key, 2_000, 100));
  const found = await meanOf(key);
  expect(found?.calls).toBe(250);
  expect(found?.mean).toBeGreaterThan(1_990);
});

test('a process reads what it and others have added', async () => {
  const key = keyOf('1536x1024 medium');
  const [one, other] = [
    createTokenMemory({ ...records, log }),
    createTokenMemory({ ...records, log }),
  ];
  one.add(repeat(key, 10, 3));
  other.add(repeat(key, 20, 1));
  await Promise.all([one.settle(), other.settle()]);
  await Promise.all([one.close(), other.close()]);
  for (const memory of [one, createTokenMemory({ ...records, log })])
    expect((await memory.read()).find(key)).toEqual({ mean: 12.5, calls: 4 });
});

test('without the database, estimates keep the last copy and nothing fails', async () => {
  const own = openRecords({
    databaseUrl: records.databaseUrl,
    connections: 2,
    name: 'closed',
    statementTimeoutMs: 30_000,
    log,
  });
  const key = keyOf('1024x1536 low');
  const memory = createTokenMemory({ ...own, log });
  memory.add(repeat(key, 5, 1));
  await memory.settle();
  expect((await memory.read()).find(key)).toEqual({ mean: 5, calls: 1 });
  await own.close();
  memory.add(repeat(key, 7, 1));
  await memory.settle();
  expect((await memory.read()).find(key)).toEqual({ mean: 5, calls: 1 });
});
