/**
 * Five hundred random requests to the operations of the OpenAPI document, against an API and a
 * worker as processes, and some to an API that was killed: `npm run fuzz` sends more
 * (scripts/fuzz/run.ts).
 */
import { expect, test } from 'vitest';
import { fuzz } from '../../scripts/fuzz/run.ts';
import { startReceiver } from '../support/network/receiver.ts';
import { openEnvironment } from './rig/open-environment.ts';

test('random requests meet no error of Kiln, and the end of a process is reported', async () => {
  const receiver = await startReceiver();
  const environment = await openEnvironment({
    engine: 'postgres',
    rpm: 6_000,
    minuteMs: 60_000,
    pictures: 'tiny',
    env: { KILN_WEBHOOK_ALLOW: new URL(receiver.url).host, LOG_LEVEL: 'warn' },
  });
  await environment.startWorker();
  const report = await fuzz(environment, {
    count: 1_000,
    seed: 1,
    receiverUrl: receiver.url,
    // After the first 500 requests.
    progress: () => environment.api.signal('SIGKILL'),
  });
  const [end, ...others] = report.findings;
  expect(end).toMatch(/^the API ended by the signal SIGKILL\n/);
  expect(end).toMatch(/memory, after so many requests:/);
  // The killed API, and a busy machine on which a connection to the database takes five seconds.
  const refused = /ECONNREFUSED|ECONNRESET|socket hang up|timeout exceeded when trying to connect/;
  expect(others.filter((finding) => !refused.test(finding))).toEqual([]);
  expect(report.requests).toBeGreaterThanOrEqual(500);
  // Requests of every kind were answered.
  expect(Object.keys(report.answers)).toEqual(expect.arrayContaining(['200', '400', '404']));
});
