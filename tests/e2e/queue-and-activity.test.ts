/**
 * Queue and Activity: what waits, by keys and with Undo; the search; webhooks; the batch's note.
 */
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { makeBatch } from '../integration/api/batches/batches-support.ts';
import { engineNamed } from '../integration/api/support.ts';
import { openStudio } from '../support/browser/open-studio.ts';
import { answerStatus, startReceiver } from '../support/network/receiver.ts';
import { waitFor } from '../support/wait-for.ts';

const receiver = await startReceiver();
const studio = await openStudio({
  engine: engineNamed('postgres'),
  env: { KILN_WEBHOOK_ALLOW: `127.0.0.1:${receiver.port}` },
});
const { kiln } = studio;
const pool = (action: 'pause' | 'resume') =>
  kiln.request(`/v1/pools/default/${action}`, { method: 'POST' });

afterEach(async () => void (await pool('resume')));

const isFocused = (page: Page, text: string) =>
  waitFor(
    async () => {
      const focused = await page.evaluate('document.activeElement?.textContent');
      return typeof focused === 'string' && focused.includes(text);
    },
    { what: `the focus to be on ${text}` },
  );

test('jobs that wait are walked through and cancelled by keys, and Undo keeps one', async () => {
  await pool('pause');
  const ids = new Map<string | null, string>();
  for (const prompt of ['A red boat', 'A blue boat', 'A green boat'])
    ids.set(prompt, (await kiln.submit({ prompt })).id);
  const page = await studio.open('/queue');
  await page.getByText('Paused by hand.').waitFor();
  const rows = page.locator('#content [data-item] a');
  await rows.nth(2).waitFor();
  const [first = '', second = ''] = await rows.allTextContents();
  await page.keyboard.press('j');
  await isFocused(page, first);
  await page.keyboard.press('j');
  await isFocused(page, second);
  await page.keyboard.press('x');
  await page.getByText(`Cancelled: ${second}`).first().waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.keyboard.press('Escape');
  await isFocused(page, 'Queue');
  await page.keyboard.press('j');
  await isFocused(page, first);
  await page.keyboard.press('x');
  await page.getByText(`Cancelled: ${first}`).first().waitFor();
  await page.goto('about:blank'); // what waits for Undo is done when the page is left
  expect(await kiln.ended(ids.get(first) ?? '')).toMatchObject({ status: 'cancelled' });
  await pool('resume');
  expect(await kiln.ended(ids.get(second) ?? '')).toMatchObject({ status: 'succeeded' });
});

test('a job is found by its number, its metadata and the reason of its failure', async () => {
  await kiln.control('POST', 'faults', {
    fault: 'openai moderation',
    prompt_contains: 'refused',
    times: null,
  });
  const found = await kiln.submit({ prompt: 'A boat in order', metadata: { order: '17' } });
  const other = await kiln.submit({ prompt: 'A boat that is refused' });
  for (const { id } of [found, other]) await kiln.ended(id);
  const page = await studio.open('/activity');
  const rows = page.locator('#content [data-item]');
  await rows.nth(1).waitFor();
  const shows = async (prompt: string): Promise<void> => {
    await waitFor(
      async () => {
        const texts = await rows.allTextContents();
        return texts.length === 1 && texts[0]?.includes(prompt);
      },
      { what: `"${prompt}" to be the only job left` },
    );
  };
  await page.keyboard.press('/');
  await page.keyboard.insertText(found.id);
  await shows('A boat in order');
  await page.getByLabel('Search', { exact: true }).fill('');
  await page.getByRole('button', { name: 'More to search by' }).click();
  await page.getByLabel('Metadata').fill('order=17');
  await shows('A boat in order');
  await page.getByLabel('Metadata').fill('');
  await page.getByLabel('Reason of a failure').fill('content_policy');
  await shows('A boat that is refused');
  await rows.first().getByRole('link').click();
  await page.getByText('refused for its content or parameters').waitFor();
});

test('an endpoint gets the chosen events, a new secret, and a delivery again', async () => {
  receiver.answerWith(answerStatus(204));
  const page = await studio.open('/activity?view=webhooks');
  await page.getByRole('button', { name: 'Add an endpoint' }).click();
  await page.getByLabel('Address').fill('http://127.0.0.1:1/');
  await page.getByRole('button', { name: 'Add it' }).click();
  await waitFor(
    async () => (await page.getByLabel('Address').getAttribute('aria-invalid')) === 'true',
    {
      what: 'the problem to stand at the address',
    },
  );
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('radio', { name: 'Chosen events' }).check();
  await page.getByRole('checkbox', { name: 'First call sent' }).uncheck();
  // A busy machine may miss a start.
  await page.getByRole('checkbox', { name: 'Job waits again' }).uncheck();
  await page.getByRole('checkbox', { name: 'Job accepted' }).uncheck();
  await page.getByRole('button', { name: 'Add it' }).click();
  const secret = page.locator('code');
  const first = await secret.textContent();
  expect(first).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'I have kept it' }).click();

  const { id } = await kiln.submit({ prompt: 'A boat that is told of' });
  await kiln.ended(id);
  await receiver.hears(1);
  expect(receiver.events().map(({ type }) => type)).toEqual(['job.succeeded']);

  await page.getByRole('button', { name: `More for ${receiver.url}` }).click();
  await page.getByRole('menuitem', { name: 'Make a new secret' }).click();
  await secret.waitFor();
  expect(await secret.textContent()).not.toBe(first);
  await page.getByRole('button', { name: 'I have kept it' }).click();

  const delivery = page.locator('#content details').first();
  await delivery.getByText('Delivered').waitFor();
  await delivery.locator('summary').click();
  await delivery.getByText('HTTP 204').waitFor();
  await delivery.getByRole('button', { name: 'Send again' }).click();
  await receiver.hears(2);
  await delivery.getByText('Try 2', { exact: true }).waitFor();
});

test('a note says that a long batch has ended, to those who allowed it', async () => {
  const page = await studio.open('/', { permissions: ['notifications'] });
  await page.getByRole('button', { name: 'Settings' }).first().click();
  const notes = page.getByRole('switch', { name: 'Note when a long batch ends' });
  await notes.click();
  await waitFor(async () => (await notes.getAttribute('aria-checked')) === 'true', {
    what: 'notes to be on',
  });
  await pool('pause');
  const { id } = await makeBatch(kiln, 'prompt\nA boat of a batch\n', { name: 'Boats' });
  await waitFor(
    async () => {
      const { rowCount } = await kiln.deps.records.pool.query(
        `update kiln.batches set in_progress_at = now() - interval '2 minutes'
         where id = $1 and status = 'in_progress'`,
        [id],
      );
      return rowCount === 1;
    },
    { what: 'the batch to run' },
  );
  await pool('resume');
  await page.getByText('Boats: 1 of 1 rows have their pictures').first().waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  await waitFor(() => page.url().endsWith(`/batches/${id}`), { what: 'the batch to be shown' });
});
