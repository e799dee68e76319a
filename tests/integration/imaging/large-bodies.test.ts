/**
 * Pictures inside JSON bodies: the body of a client that waits for minutes is not held in memory,
 * and more large bodies than memory allows are refused before they are read.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { paint } from '../../support/pictures/pictures.ts';
import { waitFor } from '../../support/wait-for.ts';
import { engineNamed, readError } from '../api/support.ts';
import { mostMemoryBytes, startApiProcess, type ApiProcess } from './api-process.ts';

/** Together their bodies exceed the memory limit of the process. */
const waiting = 28;

/** There is no worker, so every client keeps waiting. */
let kiln: TestKiln;
let api: ApiProcess;
const leaving = new AbortController();

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
  api = await startApiProcess(kiln);
});
afterAll(async () => {
  leaving.abort();
  await api.close();
});

/** A body of 20 MB. */
async function editOf(picture: Promise<Buffer>): Promise<string> {
  const bytes = Buffer.concat([await picture, Buffer.alloc(15_000_000)]);
  const url = `data:image/png;base64,${bytes.toString('base64')}`;
  return JSON.stringify({ prompt: 'A boat', images: [{ image_url: url }] });
}

async function countJobs(): Promise<number> {
  const { rows } = await kiln.deps.records.pool.query<{ count: number }>(
    'select count(*)::int as count from kiln.jobs',
  );
  return rows[0]!.count;
}

test('bodies of waiting clients are not held; too many at once get a 503', async ({ skip }) => {
  const body = await editOf(paint({ width: 90, height: 60 }).png().toBuffer());
  const headers = { 'content-type': 'application/json' };
  for (let sent = 1; sent <= waiting; sent += 1) {
    const path = sent % 2 === 0 ? '/v1/images/edits' : '/v1/jobs';
    const answer = fetch(`${api.url}${path}`, {
      method: 'POST',
      body,
      headers: { ...headers, prefer: 'wait=60' },
      signal: leaving.signal,
    });
    const refusal = answer.then(readError, () => null);
    const accepted = waitFor(async () => (await countJobs()) === sent, {
      what: 'its job',
    });
    expect(await Promise.race([refusal, accepted])).toBe(true);
  }

  const together = Array.from({ length: 12 }, () =>
    fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'Application/JSON' },
    }),
  );
  const answers = await Promise.all(together);
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted.length).toBeGreaterThan(0);
  expect(await countJobs()).toBe(waiting + accepted.length);
  const refused = answers.filter(({ status }) => status !== 202);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) {
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await readError(answer)).toMatchObject({ status: 503, code: 'large_bodies_busy' });
  }

  const peak = api.peakMemory();
  if (peak === null) return skip('this system does not report the peak memory of a process');
  expect(peak).toBeLessThan(mostMemoryBytes);
});
