/**
 * Create in a real browser: a picture from words, with its previews, in every tab; problems at
 * their field and reasons of what cannot be used.
 */
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { engineNamed } from '../integration/api/support.ts';
import { openStudio } from '../support/browser/open-studio.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  cardOf,
  choose,
  expectNoBarrier,
  openCreate,
  send,
  shown,
  succeeded,
  unexplained,
} from './create-page.ts';

const studio = await openStudio({
  engine: engineNamed('postgres'),
  env: { KILN_STREAM_PARTIAL_IMAGES: '2' },
});
const { kiln } = studio;

test('words become a picture, with previews, after a reload and in another tab', async () => {
  await kiln.control('PATCH', 'settings', { gate: true });
  // Where this test fails, the others must not wait for answers.
  onTestFinished(() => kiln.control<void>('PATCH', 'settings', { gate: false }));
  const prompt = 'A boat in the fog';
  const page = await openCreate(studio);
  await page
    .getByTestId('forecast')
    .filter({ hasText: /about \$.*at most \$/ })
    .waitFor();
  const card = await send(page, prompt);
  const preview = { name: `Preview 2: ${prompt}` };
  await shown(card.getByRole('img', preview));
  await card.getByText('With the provider for').waitFor();

  const tab = await page.context().newPage();
  await Promise.all([page.reload(), tab.goto(page.url())]);
  for (const each of [page, tab]) await shown(cardOf(each, prompt).getByRole('img', preview));

  await kiln.control('PATCH', 'settings', { gate: false });
  for (const each of [page, tab]) {
    await succeeded(cardOf(each, prompt));
    await shown(cardOf(each, prompt).getByRole('img', { name: prompt, exact: true }));
  }
  await tab.close();
  const id = (await card.getAttribute('data-job')) ?? '';
  await card.getByText('Details').click();
  await card.getByText('Provider’s request id').waitFor();
  expect(await card.textContent()).toMatch(/one call, \$0\.0.*Tokens/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    card.getByRole('button', { name: 'Download' }).first().click(),
  ]);
  expect(download.suggestedFilename()).toBe(`${id}-0.png`);
  await expectNoBarrier(page);
});

test('earlier prompts come back, and a job is copied to run elsewhere', async () => {
  const page = await openCreate(studio);
  const field = page.getByLabel('Prompt');
  for (const prompt of ['A lighthouse', 'A harbour at dawn'])
    await succeeded(await send(page, prompt));
  // The newest stands in the field still, so the first step goes to the one before.
  const walked: string[] = [];
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown']) {
    await field.press(`Alt+${key}`);
    walked.push(await field.inputValue());
  }
  expect(walked).toEqual([
    'A lighthouse',
    'A lighthouse',
    'A harbour at dawn',
    'A harbour at dawn',
  ]);

  const card = cardOf(page, 'A harbour at dawn');
  const copied = async (item: string): Promise<string> => {
    await page.evaluate("navigator.clipboard.writeText('')");
    await choose(card, item);
    const read = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    return waitFor(async () => (await read()) || null, { what: `${item} to be copied` });
  };
  const curl = await copied('Copy as curl');
  const [, body = ''] = /-d '(\{.*\})'/s.exec(curl) ?? [];
  expect(curl).toContain(`${kiln.url}/v1/jobs`);
  expect(JSON.parse(body)).toMatchObject({ prompt: 'A harbour at dawn' });
  expect(await copied('Copy as Python')).toContain('httpx.post');
  const row = await kiln.request('/v1/batches/validate', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: await copied('Copy as CSV row'),
  });
  expect(await row.json()).toMatchObject({ valid: 1, invalid: 0 });
  await choose(card, 'Same again');
  await cardOf(page, 'A harbour at dawn').nth(1).waitFor();
});

test('what cannot be used says why, and a problem stands at its field', async () => {
  const page = await openCreate(studio);
  const make = page.locator('button[type=submit]');
  expect(await make.getAttribute('aria-disabled')).toBe('true');
  await page
    .getByText('Write what the picture should show first.')
    .first()
    .waitFor({ state: 'attached' });
  await page.getByText('A png is not compressed; choose jpeg or webp.').waitFor();
  expect(await unexplained(page)).toEqual([]);

  await page.getByRole('combobox', { name: 'Quality' }).click();
  await page.getByRole('option', { name: /^Extra high.*does not have it\.$/ }).waitFor();
  expect(await unexplained(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'File' }).click();
  await page.getByRole('option', { name: 'jpeg' }).click();
  await page.getByRole('combobox', { name: 'Background' }).click();
  await page
    .getByRole('option', { name: 'A jpeg has no transparency; choose png or webp.' })
    .waitFor();
  await page.keyboard.press('Escape');

  await page.getByLabel('Prompt').fill('A boat');
  await page.getByRole('radio', { name: '16:9' }).press('Space');
  const width = page.getByRole('textbox', { name: 'Width' });
  await width.fill('1001');
  await width.press('Enter');
  await page.getByText('edges must be multiples of 16').waitFor();
  await page.keyboard.press('Control+Enter');
  expect(await page.locator('[data-job]').count()).toBe(0);
  await page.getByRole('radio', { name: '1:1' }).press('Space');

  // A picture that no model takes says what helps.
  const cmyk = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#345' } })
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer();
  const input = page.locator('input[type=file][multiple]');
  await input.setInputFiles({ name: 'print.jpg', mimeType: 'image/jpeg', buffer: cmyk });
  await page.getByText('Save it in RGB.').waitFor();
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  await input.setInputFiles({ name: 'phone.heic', mimeType: 'image/heic', buffer: heic });
  await page.getByText('Save it as png or jpeg.').waitFor();
  expect(await unexplained(page)).toEqual([]);
  await expectNoBarrier(page);
  await page.getByRole('button', { name: 'Start over' }).click();

  await kiln.control('POST', 'faults', { fault: 'openai moderation' });
  const card = await send(page, 'Something that is refused');
  await card.getByText('The content filter refused it').waitFor();
  await card.getByText('Stage: output · About: violence').waitFor();
  await card.getByText('Nothing was paid.').waitFor();
});
