/** The file by which a container knows that its worker runs. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startHeartbeat } from '../../../apps/worker/src/heartbeat.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-heartbeat-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the file has the time while the worker runs, from its start to its end', async () => {
  const { log, lines } = createRecordedLog();
  const file = join(folder, 'heartbeat');
  const before = Date.now();
  const heartbeat = await startHeartbeat(file, log);
  expect(Date.parse(readFileSync(file, 'utf8').trim())).toBeGreaterThanOrEqual(before);
  await heartbeat.close();
  expect(existsSync(file)).toBe(false);
  expect(lines).toEqual([]);
});

test('a file that cannot be written is logged, and the worker goes on', async () => {
  const { log, lines } = createRecordedLog();
  const heartbeat = await startHeartbeat(join(folder, 'nowhere', 'heartbeat'), log);
  await heartbeat.close();
  expect(lines).toMatchObject([{ level: 'error', message: 'the heartbeat cannot be written' }]);
});
