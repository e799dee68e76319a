/**
 * Create in a real browser: a picture from words, with its previews, in every tab; problems at
 * their field and reasons of what cannot be used; an edit of a cropped photograph with a painted
 * mask.
 */
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { drawPhotograph, rawOf } from '../integration/api/images/composed-pictures.ts';
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
const bytesOf = async (path: string): Promise<Buffer> =>
  Buffer.from(await (await kiln.request(path)).arrayBuffer());

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

  const [tab] = await Promise.all([studio.openTab(page), page.reload()]);
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
  await card.filter({ hasText: /one call, \$0\.0.*Tokens/ }).waitFor();
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
  await succeeded(await send(page, 'A lighthouse'));
  await page.getByText('More settings').click();
  await page.getByLabel('User', { exact: true }).fill('visitor-17');
  await succeeded(await send(page, 'A harbour at dawn'));
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
  expect(JSON.parse(body)).toMatchObject({ prompt: 'A harbour at dawn', user: 'visitor-17' });
  expect(await copied('Copy as Python')).toContain('httpx.post');
  const row = await kiln.request('/v1/batches/validate', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: await copied('Copy as CSV row'),
  });
  expect(await row.json()).toMatchObject({ valid: 1, invalid: 0 });
  await page.getByRole('button', { name: 'Start over' }).click();
  await choose(card, 'Change and run');
  const user = page.getByLabel('User', { exact: true });
  await waitFor(async () => (await user.inputValue()) === 'visitor-17', { what: 'its user' });
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

  // More settings: what the model lacks, and what needs another field first.
  await page.getByText('More settings').click();
  await page.getByText('gpt-image-2 takes no markup.').first().waitFor();
  await page.getByText('Write the address of the webhook first.').waitFor();
  expect(await unexplained(page)).toEqual([]);
  await page.getByLabel('Webhook', { exact: true }).fill('http://127.0.0.1/hook');
  const asked = page.waitForRequest(
    (request) =>
      request.url().endsWith('/v1/jobs/validate') &&
      request.postData()?.includes('"webhook_events":["job.held","job.succeeded"]') === true,
  );
  await page.getByRole('radio', { name: 'Chosen events' }).check();
  for (const name of ['Job failed', 'Job cancelled', 'Job expired'])
    await page.getByRole('checkbox', { name, exact: true }).uncheck();
  await asked;
  await page.locator('input[type=url][aria-invalid=true]').waitFor();
  await page.getByRole('combobox', { name: 'Model' }).click();
  await page.getByRole('option', { name: 'gpt-image-2.5-flare' }).click();
  await page.getByText('Add a picture to change first.').first().waitFor();

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
  await card.getByText('Stage: the picture that was made (output) · About: violence').waitFor();
  await card.getByText('Nothing was paid.').waitFor();
});

test('a photograph is cropped, and changed inside the mask only', async () => {
  const page = await openCreate(studio);
  // The camera was turned: stored upright, shown 1536 wide.
  const stored = await sharp(await drawPhotograph({ width: 1536, height: 1024 }))
    .rotate(270)
    .jpeg({ quality: 95 })
    .withMetadata({ orientation: 6 })
    .toBuffer();
  await page
    .locator('input[type=file][multiple]')
    .setInputFiles({ name: 'hall.jpg', mimeType: 'image/jpeg', buffer: stored });
  const paint = page.getByRole('button', { name: 'Paint what may change' });
  await paint.and(page.locator(':not([aria-disabled])')).waitFor();

  await page.getByRole('button', { name: 'Options for hall.jpg' }).click();
  await page.getByRole('menuitem', { name: 'Crop' }).click();
  const frame = page.getByTestId('crop-frame');
  await frame.waitFor();
  const crop = page.getByRole('button', { name: 'Crop', exact: true });
  expect(await crop.getAttribute('aria-disabled')).toBe('true');
  await page.getByRole('dialog').getByRole('radio', { name: '1:1' }).press('Space');
  await page.getByText('1,024 × 1,024 pixels').waitFor();
  for (let count = 0; count < 4; count += 1) await frame.press('Shift+ArrowLeft');
  expect(await unexplained(page)).toEqual([]);
  await expectNoBarrier(page);
  await crop.click();
  await page.getByText('hall.jpg was cropped').first().waitFor();
  await paint.and(page.locator(':not([aria-disabled])')).waitFor();

  await kiln.control('PATCH', 'settings', { pictures: 'full' });
  await page.getByRole('radio', { name: '1:1' }).press('Space');
  await paint.click();
  const stage = page.getByTestId('mask-stage');
  await stage.locator('canvas').waitFor();
  await page.keyboard.press('r');
  const box = await stage.boundingBox();
  if (box === null) throw new Error('the stage of the mask has no place');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 80, y - 120);
  await page.mouse.down();
  await page.mouse.move(x + 80, y + 10, { steps: 3 });
  await page.mouse.up();
  await page.getByText(/^Space moves the picture/).waitFor();
  await expectNoBarrier(page);
  await page.getByRole('button', { name: 'Use this mask' }).click();
  await page.getByRole('button', { name: 'Change the mask' }).waitFor();
  const card = await send(page, 'A window in the wall');
  await card.getByRole('button', { name: 'With the rest untouched', exact: true }).waitFor();
  await expectNoBarrier(page);

  const id = (await card.getAttribute('data-job')) ?? '';
  const { request } = await kiln.read(id);
  const fileIds = [request.images?.[0]?.file_id, request.mask?.file_id];
  const [source = Buffer.alloc(0), mask = Buffer.alloc(0)] = await Promise.all(
    fileIds.map((fileId) => bytesOf(`/v1/files/${fileId}/content`)),
  );
  // The left part of the photograph as it is shown, written once more as a jpeg.
  const { format, width, height, orientation } = await sharp(source).metadata();
  expect({ format, width, height, orientation }).toEqual({
    format: 'jpeg',
    width: 1024,
    height: 1024,
    orientation: undefined,
  });
  const expected = sharp(stored).rotate().extract({ left: 0, top: 0, width: 1024, height: 1024 });
  const [is, should] = await Promise.all([
    // The browser names its profile, sRGB; converting from it to sRGB would round some pixels.
    sharp(source, { ignoreIcc: true }).removeAlpha().raw().toBuffer(),
    rawOf(await expected.png().toBuffer()),
  ]);
  let difference = 0;
  for (let at = 0; at < is.length; at += 1)
    difference += Math.abs((is[at] ?? 0) - (should[at] ?? 0));
  // A jpeg is written twice; another part, or one that is turned, differs by ten and more.
  expect(difference / is.length).toBeLessThan(6);

  const alpha = await sharp(mask).extractChannel('alpha').raw().toBuffer();
  const [made, kept] = await Promise.all(
    [`/v1/jobs/${id}/images/0`, `/v1/jobs/${id}/images/0/composite`].map(async (path) =>
      rawOf(await waitFor(() => bytesOf(path), { what: path })),
    ),
  );
  const changed = { madeOutside: 0, keptOutside: 0, keptInside: 0, inside: 0 };
  for (let at = 0; at < alpha.length; at += 1) {
    const differs = (picture: Buffer | undefined): boolean =>
      [0, 1, 2].some((channel) => picture?.[at * 3 + channel] !== is[at * 3 + channel]);
    if (alpha[at] !== 0) {
      if (differs(made)) changed.madeOutside += 1;
      if (differs(kept)) changed.keptOutside += 1;
    } else {
      changed.inside += 1;
      if (differs(kept)) changed.keptInside += 1;
    }
  }
  expect(changed.keptOutside).toBe(0);
  // The model changes what it should not, so the rest is not untouched by itself.
  expect(changed.madeOutside).toBeGreaterThan(1_000);
  expect(changed.inside).toBeGreaterThan(5_000);
  expect(changed.keptInside).toBeGreaterThan(changed.inside / 2);
});
