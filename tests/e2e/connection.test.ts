/** The studio's live connection: over a restart of the API, and over many tabs of one browser. */
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { signalUntilItEnds, startProcess } from '../faults/rig/kiln-process.ts';
import { engineNamed } from '../integration/api/support.ts';
import { openStudio } from '../support/browser/open-studio.ts';
import { freePort } from '../support/engines/server-process.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });
const { kiln } = studio;

/** Starts one more API process on the records of the Kiln, as production runs it. */
async function startApi(port: number) {
  const api = await startProcess('api', {
    DATABASE_URL: kiln.databaseUrl,
    KILN_SIMULATOR_URL: kiln.simulatorUrl,
    KILN_DATA_DIR: kiln.dataDir,
    KILN_MIN_FREE_BYTES: '0',
    KILN_RPM: '60000',
    LOG_LEVEL: 'warn',
    PORT: String(port),
  });
  onTestFinished(async () => void (await signalUntilItEnds(api)));
  return api;
}

async function makePicture(prompt: string): Promise<void> {
  const { id } = await kiln.submit({ prompt });
  await kiln.ended(id, ['succeeded']);
}

const jobRow = (page: Page, prompt: string) => page.getByRole('link', { name: prompt });

test('a page recovers from a restart of the API without being loaded again', async () => {
  const port = await freePort();
  const api = await startApi(port);
  const page = await studio.open(`http://127.0.0.1:${port}/activity`);
  await page.evaluate('globalThis.isSamePage = true');
  await makePicture('Before the restart');
  await jobRow(page, 'Before the restart').getByText('Done').waitFor();

  await signalUntilItEnds(api);
  await page.getByText('Reconnecting …').first().waitFor();
  await makePicture('While the API was away');
  await startApi(port);
  await jobRow(page, 'While the API was away').getByText('Done').waitFor();
  await page.getByText('Reconnecting …').first().waitFor({ state: 'hidden' });
  await makePicture('After the restart');
  await jobRow(page, 'After the restart').getByText('Done').waitFor();
  expect(await page.evaluate('globalThis.isSamePage')).toBe(true);
});

test('seven tabs share one stream of events, and another tab takes it over', async () => {
  const first = await studio.open('about:blank');
  let streams = 0;
  first.context().on('request', (request) => {
    if (request.resourceType() === 'eventsource') streams += 1;
  });
  const tabs: Page[] = [];
  for (let number = 1; number <= 7; number += 1) {
    const tab = await studio.openTab(first, '/activity');
    await tab.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
    tabs.push(tab);
  }
  await makePicture('Seen in seven tabs');
  await Promise.all(
    tabs.map((tab) => jobRow(tab, 'Seen in seven tabs').getByText('Done').waitFor()),
  );
  expect(streams).toBe(1);

  const [leader, ...others] = tabs;
  await leader?.close();
  await makePicture('Seen in six tabs');
  await Promise.all(
    others.map((tab) => jobRow(tab, 'Seen in six tabs').getByText('Done').waitFor()),
  );
  expect(streams).toBe(2);
});
