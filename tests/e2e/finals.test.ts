/** From drafts to finals as a person makes them, by keys only: from a file to the pictures kept. */
import { readFile } from 'node:fs/promises';
import type { Batch } from '@kiln/shared/schemas/batch';
import type { ImageDetails } from '@kiln/shared/schemas/gallery/image';
import type { Attempt, Job } from '@kiln/shared/schemas/job';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { reached } from '../integration/api/batches/batches-support.ts';
import { engineNamed, type LedgerView } from '../integration/api/support.ts';
import { barriersInBothThemes, openStudio } from '../support/browser/open-studio.ts';
import { unzip } from '../support/unzip.ts';
import { waitFor } from '../support/wait-for.ts';
import { cardOf, expectNoBarrier, openCreate, send, shown, succeeded } from './create-page.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });
const { kiln } = studio;

const rows = ['boat', 'tower', 'garden', 'bridge', 'harbour', 'mill'];
const file = [
  'custom_id,prompt,quality',
  ...rows.map((name) => `${name},A small ${name} in the fog,high`),
].join('\n');

test('drafts are picked and finished by keys only, and each final knows its draft', async () => {
  const page = await studio.open('/batches/new');
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'places.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await press(page, page.getByRole('switch', { name: 'Start as drafts' }));
  await page.getByText(/^As it is written it would cost \$/).waitFor();
  await page.getByText(/^Made with .*, quality low\.$/).waitFor();
  await press(page, page.getByRole('button', { name: 'Start', disabled: false }));
  await page.getByText('6 of 6 rows have their pictures').waitFor();
  const drafts = batchIdOf(page);
  await page.getByText('Drafts', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Make finals', disabled: true }).waitFor();

  await page.keyboard.press('p');
  await page.getByTestId('position').getByText('1 of 6').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  const picked = [await shownPicture(page)];
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowRight');
  await page.getByTestId('position').getByText('3 of 6').waitFor();
  picked.push(await shownPicture(page));
  await page.keyboard.press('x');
  await page.keyboard.press('4'); // rated, not picked
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('x'); // the last one is put back
  await page.getByTestId('position').getByText('5 of 6').waitFor();
  await page.getByTestId('picked').getByText('2 picked').waitFor();

  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog', { name: 'Make finals of 2 pictures' });
  await dialog.getByText(/^All would have been \$/).waitFor();
  const make = dialog.getByRole('button', { name: /^Make them: \$/, disabled: false });
  await make.waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  const said = Number(/\$(?<usd>[\d.]+)/.exec(await make.innerText())?.groups?.['usd']);
  await page.keyboard.press('Control+Enter');
  await page.getByText('2 of 2 rows have their pictures').waitFor();
  const finals = batchIdOf(page);
  expect(finals).not.toBe(drafts);
  const made = await batch(finals);
  expect(said).toBeCloseTo(made.cost.estimated, 2);

  const jobs = await jobsOf(finals);
  // The provider billed one call for each final, and the calls cost what the batch says.
  const { entries } = await kiln.control<LedgerView>('GET', 'ledger');
  const billed = entries.filter(({ kiln_job_id: id, paid }) => paid && isOf(jobs, id));
  expect(billed).toHaveLength(2);
  expect(await costOfCalls(jobs)).toBeCloseTo(made.cost.actual, 6);
  expect(new Set(jobs.map(({ request }) => request.prompt))).toEqual(new Set(picked));
  const [first] = jobs;
  expect(rows).toContain(first?.custom_id);
  expect(first?.request.quality).toBe('high');
  const final = await image(`${first?.id}/0`);
  const draftId = final.lineage.made_from[0]?.id ?? '';
  const draft = await image(draftId);
  expect(draft.lineage.became.map(({ job_id: id }) => id)).toEqual([first?.id]);
  expect({ batch: draft.batch_id, starred: draft.starred }).toEqual({
    batch: drafts,
    starred: true,
  });

  const downloading = page.waitForEvent('download');
  await press(page, page.getByRole('button', { name: 'Download' }));
  await page.getByRole('menuitem', { name: 'Pictures (zip)' }).waitFor();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const zip = unzip(await readFile(await (await downloading).path()));
  const manifest = await (await kiln.request(`/v1/batches/${finals}/manifest.csv`)).text();
  const lines = parse<{ file: string }>(manifest, { columns: true });
  expect(lines).toHaveLength(2);
  for (const { file: name } of lines) expect(zip.has(name)).toBe(true);

  await page.goto(`${kiln.url}/gallery/${final.id}`);
  await page.getByRole('heading', { name: 'Made from a draft' }).waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await press(page, page.getByRole('link', { name: 'Compare with the draft' }));
  await page.getByRole('heading', { level: 1, name: 'Compare 2 pictures' }).waitFor();
  await page.getByText('Draft', { exact: true }).waitFor();
  await page.getByText('Final', { exact: true }).waitFor();
  await page.getByRole('radio', { name: 'One over the other' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('slider').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Made from a draft' }).waitFor();
});

test('what was made before is offered free, and is made again only on request', async () => {
  const page = await openCreate(studio);
  const card = await send(page, 'A lantern on a pier');
  await succeeded(card);
  const calls = await callsMade();
  await page.keyboard.press('Control+Enter');
  const dialog = page.getByRole('dialog', { name: 'You have made this before' });
  await shown(dialog.getByRole('img', { name: 'A lantern on a pier' }));
  await expectNoBarrier(page);
  expect(await callsMade()).toBe(calls);
  await press(page, dialog.getByRole('button', { name: 'Show these' }));
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Enter');
  await press(page, dialog.getByRole('button', { name: 'Make it anyway' }));
  await waitFor(async () => (await cardOf(page, 'A lantern on a pier').count()) === 2, {
    what: 'a second card',
  });
  await succeeded(cardOf(page, 'A lantern on a pier').first());
  expect(await callsMade()).toBe(calls + 1);
});

test('a picture is rated, starred, deleted and taken back in the viewer', async () => {
  const job = await kiln.submit({ prompt: 'A kite over dunes', n: 3 });
  const newer = await kiln.submit({ prompt: 'A kite over the sea' });
  for (const { id } of [job, newer]) await kiln.ended(id, ['succeeded']);
  const page = await studio.open(`/gallery/${job.id}/0`);
  // An address by itself leads along the gallery, also to pictures of other jobs.
  await go(page, 'Previous', 'A kite over the sea');
  await go(page, 'Next', 'A kite over dunes');
  await page.getByRole('group', { name: 'Rating' }).first().waitFor();
  await page.getByRole('button', { name: 'Next picture' }).waitFor();
  await page.keyboard.press('4');
  await page.keyboard.press('f');
  await page.keyboard.press('ArrowRight');
  await waitFor(() => new URL(page.url()).pathname === `/gallery/${job.id}/1`, {
    what: 'the next picture',
  });
  await waitFor(
    async () => {
      const { rating, starred } = await image(`${job.id}/0`);
      return rating === 4 && starred;
    },
    { what: 'the marks of the first picture' },
  );
  await page.locator(`img[src$="${job.id}/images/1"]`).first().waitFor();
  await page.getByRole('button', { name: 'Next picture' }).waitFor();
  await page.keyboard.press('Delete');
  await waitFor(() => new URL(page.url()).pathname === `/gallery/${job.id}/2`, {
    what: 'the picture behind the one that was deleted',
  });
  await press(page, page.getByRole('button', { name: 'Undo' }));
  await page.getByText('The picture is back').waitFor();
  expect((await image(`${job.id}/1`)).trashed_at).toBeNull();

  const shown = page.getByRole('img', { name: /^Picture: / });
  const whole = await shown.boundingBox();
  await page.mouse.move(700, 450);
  await page.mouse.wheel(0, -600);
  await waitFor(async () => (await shown.boundingBox())!.width > whole!.width * 2, {
    what: 'the picture to be larger',
  });
  await page.keyboard.press('w');
  await page.keyboard.press('i');
  await page
    .getByRole('complementary', { name: 'About this picture' })
    .waitFor({ state: 'detached' });
});

/** Steps to the picture beside the one that is shown, by its key. */
async function go(page: Page, where: 'Previous' | 'Next', prompt: string): Promise<void> {
  await page.getByRole('button', { name: `${where} picture` }).waitFor();
  await page.keyboard.press(where === 'Next' ? 'ArrowRight' : 'ArrowLeft');
  await page.getByRole('img', { name: `Picture: ${prompt}` }).waitFor();
}

/** The prompt of the picture on the stage. */
async function shownPicture(page: Page): Promise<string> {
  return (await page
    .getByRole('main')
    .getByRole('img', { name: /^A small / })
    .getAttribute('alt'))!;
}

/** Presses what has the focus, as a keyboard does. */
async function press(page: Page, what: ReturnType<Page['getByRole']>): Promise<void> {
  await what.focus();
  await page.keyboard.press('Enter');
}

function batchIdOf(page: Page): string {
  return /\/batches\/(?<id>batch_\w+)/.exec(page.url())?.groups?.['id'] ?? '';
}

async function callsMade(): Promise<number> {
  return (await kiln.control<LedgerView>('GET', 'ledger')).counters.calls;
}

const isOf = (jobs: readonly Job[], wanted: string): boolean =>
  jobs.some(({ id }) => id === wanted);

/** US dollars of all calls that were made for the jobs. */
async function costOfCalls(jobs: readonly Job[]): Promise<number> {
  const calls = await Promise.all(
    jobs.map(({ id }) => read<{ data: Attempt[] }>(`/v1/jobs/${id}/attempts`)),
  );
  return calls.flatMap(({ data }) => data).reduce((sum, { cost }) => sum + (cost.actual ?? 0), 0);
}

async function read<Body>(path: string): Promise<Body> {
  return (await (await kiln.request(path)).json()) as Body;
}
const batch = (id: string): Promise<Batch> => reached(kiln, id, ['completed']);
const image = (id: string): Promise<ImageDetails> => read(`/v1/images/${id}`);

async function jobsOf(id: string): Promise<Job[]> {
  return (await read<{ data: Job[] }>(`/v1/batches/${id}/jobs`)).data;
}
