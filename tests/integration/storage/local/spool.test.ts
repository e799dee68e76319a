/** The spool: an answer is kept completely or not at all, and a damaged file is no answer. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openSpool } from '@kiln/shared/storage/local/spool';
import { expect, test } from 'vitest';
import { hashed } from '../../../support/pictures/pictures.ts';
import { temporaryFolder } from '../../../support/engines/server-process.ts';
import { log } from '../../records/support.ts';

const attempt = { jobId: 'job_1', no: 2 };
const pictures = [Buffer.from('one'), Buffer.alloc(300_000, 7)];
const answer = { facts: { httpStatus: 200 }, images: pictures.map(hashed) };

test('an answer comes back byte for byte and is gone once it is discarded', async () => {
  const spool = await openSpool(temporaryFolder('spool').path, log);
  await spool.keep(attempt, answer);
  const found = await spool.find(attempt);
  expect(found?.facts).toEqual(answer.facts);
  expect(found?.images.map(({ bytes }) => Buffer.from(bytes))).toEqual(pictures);
  expect(found?.images.map(({ sha256 }) => sha256)).toEqual(
    answer.images.map(({ sha256 }) => sha256),
  );
  expect(await spool.list()).toEqual([attempt]);
  await spool.discard(attempt);
  expect(await spool.find(attempt)).toBeNull();
  expect(await spool.find({ jobId: 'job_1', no: 1 })).toBeNull();
});

test.each([0, 5, 1_000])(
  'a file cut to %d bytes is set aside, and is no answer any more',
  async (bytes) => {
    const folder = temporaryFolder('spool').path;
    const spool = await openSpool(folder, log);
    await spool.keep(attempt, answer);
    truncateSync(join(folder, 'job_1-2.answer'), bytes);
    expect(await spool.find(attempt)).toBeNull();
    expect(await spool.find(attempt)).toBeNull();
    expect(readdirSync(folder)).toEqual(['job_1-2.answer.broken']);
    expect(await spool.list()).toEqual([]);
  },
);

test('a file of the right length with wrong bytes is set aside', async () => {
  const folder = temporaryFolder('spool').path;
  const spool = await openSpool(folder, log);
  await (
    await spool.keep(attempt, answer)
  ).synced;
  const path = join(folder, 'job_1-2.answer');
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, bytes.length - 4_096));
  expect(await spool.find(attempt)).toBeNull();
  expect(readdirSync(folder)).toEqual(['job_1-2.answer.broken']);
});

test('an answer that an earlier release wrote without hashes is found', async () => {
  const folder = temporaryFolder('spool').path;
  const spool = await openSpool(folder, log);
  writeFileSync(
    join(folder, 'job_1-2.answer'),
    `${JSON.stringify({ facts: {}, sizes: [3] })}\none`,
  );
  expect(await spool.find(attempt)).toEqual({ facts: {}, images: [hashed(Buffer.from('one'))] });
});

test('the leftover of a killed write is no answer and is removed when it is old', async () => {
  const folder = join(temporaryFolder('spool').path, 'spool');
  mkdirSync(folder);
  for (const name of ['job_1-1.answer.part', 'job_2-1.answer.part'])
    writeFileSync(join(folder, name), 'half');
  utimesSync(join(folder, 'job_1-1.answer.part'), 1, 1);
  const spool = await openSpool(folder, log);
  expect(readdirSync(folder)).toEqual(['job_2-1.answer.part']);
  expect(await spool.list()).toEqual([]);
  expect(await spool.hasSpace()).toBe(true);
});
