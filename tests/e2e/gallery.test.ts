/** The gallery, as a person uses it: finding, choosing and changing pictures among thousands. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { plainPicture, writeImages } from '../../scripts/gallery/write-images.ts';
import { engineNamed } from '../integration/api/support.ts';
import { barriersInBothThemes, isLoaded, openStudio } from '../support/browser/open-studio.ts';
import { unzip } from '../support/unzip.ts';
import { waitFor } from '../support/wait-for.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });
const { kiln } = studio;

/** Pictures of earlier days, whose bytes are nowhere; those that the tests make come first. */
const earlier = 3_000;
const made = 12;
const all = earlier + made;

beforeAll(async () => {
  await writeImages(kiln.deps.records.pool, { images: earlier, pictures: [plainPicture] });
  for (let job = 0; job < made / 4; job += 1) {
    const { id } = await kiln.submit({ prompt: `A small boat, number ${job}`, n: 4 });
    await kiln.ended(id);
  }
});

test('pictures are found by scrolling, words and filters; an address shows the same', async () => {
  const page = await studio.open('/gallery');
  await page.getByText('3,012 pictures').waitFor();
  await isLoaded(cell(page, 0).locator('img'));
  expect(await barriersInBothThemes(page)).toEqual([]);

  // A new picture shifts nothing until it is asked for.
  const first = await cell(page, 0).getByRole('link').getAttribute('href');
  const { id } = await kiln.submit({ prompt: 'A new boat' });
  await page.getByRole('button', { name: '1 new picture' }).waitFor();
  expect(await cell(page, 0).getByRole('link').getAttribute('href')).toBe(first);
  await page.getByRole('button', { name: '1 new picture' }).click();
  await cell(page, 0).locator(`a[href*="${id}"]`).waitFor();
  await page.getByText('3,013 pictures').waitFor();

  // A jump to the end asks for what is there, and not for all that is between.
  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await cell(page, all).getByRole('link').waitFor();
  await page.evaluate('scrollTo(0, 0)');

  await page.keyboard.press('/');
  await page.keyboard.insertText('a NEW boat');
  await page.getByText('1 picture', { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('a NEW boat');
  await page.getByRole('button', { name: 'Remove the filter “a NEW boat”' }).click();
  await page.getByText('3,013 pictures').waitFor();

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('checkbox', { name: 'Only starred' }).check();
  await page.keyboard.press('Escape');
  await page.getByText('60 pictures').waitFor();
  await page.reload();
  await page.getByText('60 pictures').waitFor();
  await page.getByRole('button', { name: 'Remove the filter Only starred' }).waitFor();

  await page.goto(`${kiln.url}/gallery?q=${id}x`);
  await page.getByText('No picture matches').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
});

test('pictures are chosen by click, Shift, drag and keys; all but three are rated', async () => {
  const page = await studio.open('/gallery');
  await choose(page, 0);
  await chosen(page, 1);
  await cell(page, 5)
    .getByRole('link')
    .click({ modifiers: ['Shift'] });
  await chosen(page, 6);
  await cell(page, 5).getByRole('link').click(); // while some are chosen, a click chooses
  await chosen(page, 5);
  await page.keyboard.press('Escape');
  await page.getByText('5 chosen').waitFor({ state: 'detached' });

  const from = await boxOf(page, 1);
  const to = await boxOf(page, 4);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 20, from.y);
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await chosen(page, 4);
  await page.keyboard.press('Escape');

  const total = await count(page);
  await cell(page, 2).getByRole('link').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await chosen(page, total);
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await chosen(page, total - 3);
  expect(await barriersInBothThemes(page)).toEqual([]);
  await page.keyboard.press('5');
  await waitFor(async () => (await countOf('rating=5')) === total - 3, {
    what: 'all but three to be rated',
  });
  expect(await countOf('unrated=true')).toBeGreaterThan(0);

  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Changes' }).click();
  await page.getByRole('heading', { name: `Rate ${grouped(total - 3)} pictures 5` }).waitFor();
  await page.getByText('Done', { exact: true }).first().waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
});

test('pictures go into an album, into a zip, into the trash and back', async () => {
  const page = await studio.open('/gallery?q=small+boat%2C+number');
  await page.getByText('12 pictures').waitFor();
  await choose(page, 0);
  await cell(page, 3)
    .getByRole('link')
    .click({ modifiers: ['Shift'] });
  await chosen(page, 4);
  const bar = page.getByRole('region', { name: 'With the chosen pictures' });

  await bar.getByRole('button', { name: 'Albums' }).click();
  await page.getByRole('textbox', { name: 'New album' }).fill('Boats');
  await page.keyboard.press('Enter');
  await waitFor(async () => (await albums()).some(({ count: held }) => held === 4), {
    what: 'the album to have four pictures',
  });

  const downloading = page.waitForEvent('download');
  await bar.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('menuitem', { name: 'Pictures (zip)' }).click();
  const zip = unzip(await readFile(await (await downloading).path()));
  expect([...zip.keys()].filter((name) => name.endsWith('.png'))).toHaveLength(4);

  await page.keyboard.press('Delete');
  await page.getByText('4 pictures are in the trash').waitFor();
  await waitFor(async () => (await countOf('trashed=true')) === 4, { what: 'four in the trash' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await waitFor(async () => (await countOf('trashed=true')) === 0, { what: 'none in the trash' });

  await page.getByText('12 pictures').waitFor();
  await choose(page, 0);
  await page.keyboard.press('Delete');
  await waitFor(async () => (await countOf('trashed=true')) === 1, { what: 'one in the trash' });
  await page.getByRole('tab', { name: 'Trash' }).click();
  await choose(page, 0);
  await page.getByRole('button', { name: 'Restore' }).click();
  await page.getByText('The trash is empty').waitFor();
  expect(await countOf('trashed=true')).toBe(0);

  await page.getByRole('tab', { name: 'Albums' }).click();
  await page.getByRole('button', { name: 'More for Boats' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Small boats');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Small boats' }).waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await page.getByRole('link', { name: 'Small boats, 4 pictures' }).click();
  await page.getByText('4 pictures', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Remove the filter In Small boats' }).waitFor();
});

test('a picture opens over the wall, and the way back leads to its place', async () => {
  const page = await studio.open('/gallery');
  await page.getByText(/^[\d,]+ pictures$/).waitFor();
  await cell(page, 0).getByRole('link').focus();
  await page.keyboard.press('3');
  await waitFor(async () => (await imageAt(0)).rating === 3, {
    what: 'the picture with the focus to be rated',
  });
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/gallery\/job_\w+\/\d/);
  await page.getByRole('button', { name: 'Next picture', disabled: false }).waitFor();
  await page.keyboard.press('ArrowRight');
  await waitFor(async () => page.url().endsWith(`/${(await imageAt(2)).id}`), {
    what: 'the next picture',
  });
  await page.keyboard.press('Escape');
  await page.waitForURL(/\/gallery$/);
  await waitFor(async () => (await focusedPlace(page)) === '2', {
    what: 'the focus to be on the picture that was shown',
  });

  await page.setViewportSize({ width: 390, height: 844 });
  await choose(page, 1);
  await chosen(page, 1);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await choose(page, 2);
  await chosen(page, 2);
  await page.keyboard.press('c');
  await page.getByRole('heading', { level: 1, name: 'Compare 2 pictures' }).waitFor();
});

const cell = (page: Page, place: number) => page.locator(`[data-place="${place}"]`);

async function choose(page: Page, place: number): Promise<void> {
  await cell(page, place).getByRole('checkbox').click();
}

async function chosen(page: Page, number: number): Promise<void> {
  await page.getByText(`${grouped(number)} chosen`, { exact: true }).waitFor();
}

const grouped = (number: number): string => number.toLocaleString('en');

async function boxOf(page: Page, place: number): Promise<{ x: number; y: number }> {
  const box = await cell(page, place).boundingBox();
  if (box === null) throw new Error(`no cell at ${place}`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function focusedPlace(page: Page): Promise<unknown> {
  return page.evaluate("document.activeElement?.closest('[data-place]')?.dataset.place");
}

/** How many the page says there are. */
async function count(page: Page): Promise<number> {
  const text = await page.getByText(/^[\d,]+ pictures$/).textContent();
  return Number((text ?? '').replaceAll(/\D/g, ''));
}

async function countOf(query: string): Promise<number> {
  const response = await kiln.request(`/v1/images/count?${query}`);
  return ((await response.json()) as { count: number }).count;
}

async function albums(): Promise<{ count: number; name: string }[]> {
  const body = (await (await kiln.request('/v1/albums')).json()) as {
    data: { count: number; name: string }[];
  };
  return body.data.filter(({ name }) => name === 'Boats');
}

async function imageAt(place: number): Promise<{ id: string; rating: number | null }> {
  const response = await kiln.request(`/v1/images?limit=1&offset=${place}`);
  const { data } = (await response.json()) as { data: { id: string; rating: number | null }[] };
  const [image] = data;
  if (image === undefined) throw new Error(`the wall has nothing at ${place}`);
  return image;
}
