/** The pages of batches, as a person uses them: from a file, prompts or a template to pictures. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Batch } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { reached, readBatch, sample } from '../integration/api/batches/batches-support.ts';
import { engineNamed } from '../integration/api/support.ts';
import { barriersInBothThemes, openStudio } from '../support/browser/open-studio.ts';
import { drawPicture } from '../support/pictures/edit-pictures.ts';
import { unzip } from '../support/unzip.ts';
import { waitFor } from '../support/wait-for.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });
const { kiln } = studio;

test('a CSV file saved in Tokyo and its pictures become edited pictures in a zip', async () => {
  const { bytes, ids } = await productsWithPictures();
  const page = await studio.open('/batches/new');
  await choose(page, [
    { name: 'products.csv', mimeType: 'text/csv', buffer: bytes },
    ...(await Promise.all(
      [...ids, 'spare'].map(async (id) => ({
        name: `${id}.png`,
        mimeType: 'image/png',
        buffer: await drawPicture('png', { width: 64, height: 64 }),
      })),
    )),
  ]);
  await page.getByText('髙島屋の包装紙のような薔薇の模様、①番の色見本').waitFor();
  await page.getByText('Found: Shift_JIS').waitFor();
  await page.getByText('Rows name 5 of 6 pictures').waitFor();
  await page.getByText('1 has no row: spare.png').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);

  const id = await start(page, 'Tokyo');
  await page.getByText('5 of 5 rows have their pictures').waitFor();
  const pictures = page.getByRole('list', { name: 'Pictures' }).getByRole('button');
  await waitFor(async () => (await pictures.count()) === 5, { what: 'five pictures' });
  expect(await barriersInBothThemes(page)).toEqual([]);

  await page.getByRole('button', { name: /^Row 5:/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Row 5' });
  const box = await dialog.getByRole('img', { name: '髙島屋' }).boundingBox();
  expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThan(100);
  await dialog.getByText('1 call to the provider').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Download' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Pictures (zip)' }).click();
  const zip = unzip(await readFile(await (await downloading).path()));
  const manifest = await (await kiln.request(`/v1/batches/${id}/manifest.csv`)).text();
  const lines = parse<{ file: string; sha256: string; custom_id: string }>(manifest, {
    columns: true,
  });
  expect(lines.map(({ custom_id: of }) => of)).toEqual(ids);
  for (const { file, sha256 } of lines)
    expect(createHash('sha256').update(zip.get(file)!).digest('hex')).toBe(sha256);
});

test('mistakes stand at their rows; of what failed, only rows with a job are retried', async () => {
  const page = await studio.open('/batches/new');
  await choose(page, [await csvFile('invalid-rows.csv')]);
  await page.getByRole('heading', { name: '7 mistakes' }).waitFor();
  const cells = page.getByRole('table').getByRole('row');
  const found = await Promise.all(
    (await cells.all()).slice(1).map(async (row) => row.getByRole('cell').allInnerTexts()),
  );
  expect(found.map(([row, column]) => `${row} ${column}`)).toEqual([
    '2 prompt',
    '3 size',
    '4 quality',
    '5 output_format',
    '6 output_compression',
    '7 n',
    '8 custom_id',
  ]);
  expect(await barriersInBothThemes(page)).toEqual([]);

  await kiln.control('POST', 'faults', { fault: 'openai moderation', times: 1 });
  await page.getByLabel('Leave out the rows with mistakes').check();
  const id = await start(page, 'Mistakes');
  await page.getByText('1 failed and can be retried.').waitFor();
  await page.getByText('7 have mistakes').waitFor();
  await page.getByRole('button', { name: 'Retry what failed' }).click();
  await page.getByRole('dialog', { name: 'Send 1 row again?' }).waitFor();
  await page.getByRole('button', { name: 'Send them again' }).click();
  await page.getByText('1 of 8 rows have their pictures').waitFor();
  expect((await readBatch(kiln, id)).request_counts).toMatchObject({ completed: 1, failed: 7 });
});

test('columns that were read wrongly get another meaning by hand', async () => {
  const page = await studio.open('/batches/new');
  const buffer = Buffer.from('Bildtext,Size\nA small boat,M\nA small boat,L\n');
  await choose(page, [{ name: 'shirts.csv', mimeType: 'text/csv', buffer }]);
  await page.getByText('There is no prompt column').waitFor();
  await chooseMeaning(page, 'Bildtext', 'Prompt');
  await page.getByRole('heading', { name: '2 mistakes' }).waitFor();
  await chooseMeaning(page, 'Size', 'Metadata');
  await page.getByText('1 row asks for the same as an earlier one').waitFor();
  await page.getByText('row 2 like row 1').waitFor();

  const id = await start(page, 'Shirts');
  await page.getByText('2 of 2 rows have their pictures').waitFor();
  const jobs = (await (await kiln.request(`/v1/batches/${id}/jobs`)).json()) as { data: Job[] };
  expect(jobs.data.map(({ metadata }) => metadata)).toEqual([{ Size: 'L' }, { Size: 'M' }]);
});

test('a template makes a prompt of every combination of its values', async () => {
  const page = await studio.open('/batches/new');
  await page.getByRole('radio', { name: 'A template' }).check();
  await page.getByRole('textbox', { name: 'Template' }).fill('A {{colour}} boat in {{style}}');
  await page.getByLabel('colour, row 1').fill('red');
  await page.getByLabel('style, row 1').fill('oil');
  await page.getByText('A red boat in oil').waitFor();

  await page.getByRole('radio', { name: 'Every combination' }).check();
  await page.getByRole('textbox', { name: 'colour' }).fill('red\nblue\ngreen');
  await page.getByRole('textbox', { name: 'style' }).fill('oil\nink');
  await page.getByText('3 × 2 = 6 prompts').waitFor();
  await page.getByText('A green boat in ink').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await start(page, 'Boats');
  await page.getByText('6 of 6 rows have their pictures').waitFor();
});

test('fifty pasted prompts: renamed, paused, resumed, and cancelled with undo', async () => {
  await kiln.request('/v1/pools/default/pause', { method: 'POST' });
  const page = await studio.open('/batches/new');
  await page.getByRole('radio', { name: 'Prompts' }).check();
  await page.getByRole('textbox', { name: 'Prompts' }).focus();
  const prompts = Array.from({ length: 50 }, (_, index) => `Boat ${index + 1}`);
  await page.keyboard.insertText(prompts.join('\n'));
  await page.getByText('50 rows can be sent').waitFor();
  const id = await start(page, 'Fifty');
  await reached(kiln, id, ['in_progress']);
  await page.getByText('Under way', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Fifty boats');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Fifty boats' }).waitFor();
  await page.getByRole('button', { name: 'Set a deadline' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /^Deadline / }).waitFor();
  expect((await readBatch(kiln, id)).expires_at).not.toBeNull();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused', { exact: true }).waitFor();
  expect((await readBatch(kiln, id)).paused_at).not.toBeNull();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Under way', { exact: true }).waitFor();

  await page.getByRole('radio', { name: 'Table' }).check();
  await page.getByLabel('Go to row').fill('48');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Boat 48' }).waitFor();

  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Cancel the rest', disabled: false }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  expect((await readBatch(kiln, id)).status).toBe('in_progress');
  // What waits to be undone is done at once when the page is left.
  await page.goto(`${kiln.url}/batches`);
  await reached(kiln, id, ['cancelled']);

  await page.getByRole('searchbox').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.insertText('fifty');
  const names = page.getByRole('main').getByRole('heading', { level: 2 });
  await waitFor(async () => (await names.allInnerTexts()).join() === 'Fifty boats', {
    what: 'the list to have the one batch that matches',
  });
  await page.getByText('Cancelled', { exact: true }).waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await kiln.request('/v1/pools/default/resume', { method: 'POST' });
});

interface ChosenFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

async function choose(page: Page, files: ChosenFile[]): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(files);
}

async function csvFile(name: string): Promise<ChosenFile> {
  return { name, mimeType: 'text/csv', buffer: await sample(name) };
}

/** Gives each row of the file, which is Shift_JIS, a picture that is named by its custom id. */
async function productsWithPictures(): Promise<{ bytes: Buffer; ids: string[] }> {
  const text = (await sample('products-cp932.csv')).toString('latin1'); // keeps every byte
  const [header, ...rows] = text.trimEnd().split('\r\n');
  const ids = rows.map((row) => row.split(',')[0] ?? '');
  const lines = [`${header},image`, ...rows.map((row, index) => `${row},${ids[index]}.png`)];
  return { bytes: Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'), ids };
}

async function chooseMeaning(page: Page, column: string, meaning: string): Promise<void> {
  await page.getByRole('combobox', { name: `What the column ${column} means` }).click();
  await page.getByRole('option', { name: meaning, exact: true }).click();
}

/** Starts the batch, and returns its id when its page is there. */
async function start(page: Page, name: string): Promise<Batch['id']> {
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Start', disabled: false }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}
