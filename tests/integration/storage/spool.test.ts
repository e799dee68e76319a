/** The spool: an answer is there whole or not at all, and what the disk has damaged is nobody's answer. */
import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSpool } from '@kiln/shared/storage/spool';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/server-process.ts';
import { log } from '../records/support.ts';

const attempt = { jobId: 'job_1', no: 2 };
const answer = { facts: { httpStatus: 200 }, images: [Buffer.from('one'), Buffer.alloc(300_000, 7)] };

test('an answer comes back byte for byte, and is gone once it is discarded', async () => {
  const spool = await openSpool(temporaryFolder('spool').path, log);
  await spool.keep(attempt, answer);
  const found = await spool.find(attempt);
  expect(found?.facts).toEqual(answer.facts);
  expect(found?.images.map((image) => Buffer.from(image))).toEqual(answer.images);
  expect(await spool.list()).toEqual([attempt]);
  await spool.discard(attempt);
  expect(await spool.find(attempt)).toBeNull();
  expect(await spool.find({ jobId: 'job_1', no: 1 })).toBeNull();
});

test.each([0, 5, 1_000])('a file cut to %d bytes is set aside, and is no answer any more', async (bytes) => {
  const folder = temporaryFolder('spool').path;
  const spool = await openSpool(folder, log);
  await spool.keep(attempt, answer);
  truncateSync(join(folder, 'job_1-2.answer'), bytes);
  expect(await spool.find(attempt)).toBeNull();
  expect(await spool.find(attempt)).toBeNull();
  expect(readdirSync(folder)).toEqual(['job_1-2.answer.broken']);
  expect(await spool.list()).toEqual([]);
});

test('what a killed write left is removed when it is old, and never taken for an answer', async () => {
  const folder = join(temporaryFolder('spool').path, 'spool');
  mkdirSync(folder);
  for (const name of ['job_1-1.answer.part', 'job_2-1.answer.part'])
    writeFileSync(join(folder, name), 'half');
  utimesSync(join(folder, 'job_1-1.answer.part'), 1, 1);
  const spool = await openSpool(folder, log);
  expect(readdirSync(folder)).toEqual(['job_2-1.answer.part']);
  expect(await spool.list()).toEqual([]);
  expect(await spool.hasRoom()).toBe(true);
});
