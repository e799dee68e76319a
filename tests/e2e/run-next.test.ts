/** Run next: in Queue, on the page of a job, in the dialog of a row, and on a batch. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { makeBatch } from '../integration/api/batches/batches-support.ts';
import { engineNamed, readQueue } from '../integration/api/support.ts';
import { openStudio } from '../support/browser/open-studio.ts';
import { waitFor } from '../support/wait-for.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });
const { kiln } = studio;

/** The pool is paused, so that everything waits while the test looks. */
beforeAll(async () => {
  await kiln.request('/v1/pools/default/pause', { method: 'POST' });
});

async function waitingPrompts(): Promise<string[]> {
  return (await readQueue(kiln)).data.map(({ prompt }) => prompt);
}

const firstIs = (prompt: string) =>
  waitFor(async () => (await waitingPrompts())[0] === prompt, { what: `"${prompt}" to be first` });

/** Presses the button, which has focus then, and waits for the note about it. */
async function runNext(page: Page, within: string, note: string): Promise<void> {
  await page.locator(within).getByRole('button', { name: 'Run next', exact: true }).click();
  await page.getByText(note).first().waitFor();
}

test('a job that waits moves to the top of the queue, and stays there', async () => {
  for (const prompt of ['A pier', 'A quay', 'A buoy'])
    await kiln.submit({ prompt, priority: 'bulk' });
  const page = await studio.open('/queue');
  const row = (prompt: string) => `li:has-text("${prompt}")`;
  await page.locator(row('A buoy')).waitFor();
  await runNext(page, row('A buoy'), 'Starts next: A buoy');
  await page.locator(`ol > li:first-child:has-text("A buoy")`).waitFor();
  expect(await waitingPrompts()).toEqual(['A buoy', 'A pier', 'A quay']);
  // The button keeps its focus and says why it does nothing now.
  const focused = `button[aria-label="Run next"][aria-disabled]:focus`;
  await page.locator(row('A buoy')).locator(focused).waitFor();
  await page.locator(row('A buoy')).getByText('It is the next one already').waitFor();

  await page.getByRole('link', { name: 'A quay' }).click();
  await page.getByRole('heading', { level: 1, name: 'Job' }).waitFor();
  await runNext(page, 'main', 'Starts next: A quay');
  await firstIs('A quay');
  await page.locator('main').getByText('It is the next one already').waitFor();
  await page.getByText('Job asked to run next').waitFor();
});

test('a row of a batch runs next, and so do all its rows', async () => {
  const { id } = await makeBatch(kiln, 'prompt\nA crane\nA rope\nA gull\n', { name: 'Harbour' });
  await kiln.submit({ prompt: 'A chart', priority: 'bulk' });
  await waitFor(async () => (await waitingPrompts()).includes('A gull'), { what: 'the rows' });

  const page = await studio.open(`/batches/${id}?row=3`);
  await page.getByRole('dialog').getByText('A gull').waitFor();
  await runNext(page, '[role=dialog]', 'Starts next: A gull');
  await firstIs('A gull');
  await page.keyboard.press('Escape');
  await runNext(page, 'main', 'The rows of “Harbour” go first now');
  await page.getByText('Runs next', { exact: true }).waitFor();
  await waitFor(
    async () => {
      const bulk = (await waitingPrompts()).filter((prompt) => /crane|rope|chart/.test(prompt));
      return bulk.join() === 'A crane,A rope,A chart';
    },
    { what: 'its rows to go before the others' },
  );
});
