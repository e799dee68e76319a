/**
 * Five hundred random requests to the operations of the OpenAPI document, against an API and a
 * worker as processes: `npm run fuzz` sends more (scripts/fuzz/run.ts).
 */
import { expect, test } from 'vitest';
import { fuzz } from '../../scripts/fuzz/run.ts';
import { startReceiver } from '../support/network/receiver.ts';
import { openEnvironment } from './rig/open-environment.ts';

test('random requests meet no error of Kiln, and every answer is described', async () => {
  const receiver = await startReceiver();
  const environment = await openEnvironment({
    engine: 'postgres',
    rpm: 6_000,
    minuteMs: 60_000,
    pictures: 'tiny',
    env: { KILN_WEBHOOK_ALLOW: new URL(receiver.url).host, LOG_LEVEL: 'warn' },
  });
  await environment.startWorker();
  const report = await fuzz(environment, { count: 500, seed: 1, receiverUrl: receiver.url });
  expect(report.findings).toEqual([]);
  expect(report.requests).toBe(500);
  // Requests of every kind were answered.
  expect(Object.keys(report.answers)).toEqual(expect.arrayContaining(['200', '400', '404']));
});
