/**
 * Every page of the studio with something in it: in both themes and languages, at a desk and on a
 * phone. Barriers, the width of the page, and whether a screenshot shows anything.
 */
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeBatch, reached } from '../integration/api/batches/batches-support.ts';
import { engineNamed } from '../integration/api/support.ts';
import { findBarriers, openStudio } from '../support/browser/open-studio.ts';
import { waitFor } from '../support/wait-for.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });
const { kiln } = studio;

const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };
/** One load of a page is enough: it follows the theme and the width. */
const looks = [
  { colorScheme: 'light', viewport: desk },
  { colorScheme: 'dark', viewport: desk },
  { colorScheme: 'dark', viewport: phone },
  { colorScheme: 'light', viewport: phone },
] as const;

let jobId = '';
let batchId = '';

beforeAll(async () => {
  jobId = (await kiln.submit({ prompt: 'A small boat' })).id;
  await kiln.control('POST', 'faults', {
    fault: 'openai moderation',
    prompt_contains: 'refused',
    times: null,
  });
  await kiln.submit({ prompt: 'A boat that is refused' });
  const rows = 'fog,A boat in fog\nrain,A boat in rain\nnight,A boat at night\n';
  batchId = (await makeBatch(kiln, `custom_id,prompt\n${rows}`)).id;
  await kiln.ended(jobId);
  await reached(kiln, batchId, ['completed']);
});

/** A page, the address it has, and a text of it in English and Japanese. */
const pages = [
  ['Create', () => '/', 'Create', '作成'],
  ['Batches', () => '/batches', 'Batches', 'バッチ'],
  ['a new batch', () => '/batches/new', 'New batch', '新しいバッチ'],
  ['one batch', () => `/batches/${batchId}`, 'Download', 'ダウンロード'],
  ['Gallery', () => '/gallery', 'Filters', '絞り込み'],
  ['Queue', () => '/queue', 'Queue', 'キュー'],
  ['Activity', () => '/activity', 'Activity', '履歴'],
  ['webhooks', () => '/activity?view=webhooks', 'Add an endpoint', '通知先を追加'],
  ['events', () => '/activity?view=events', 'Listening', '待機しています'],
  ['one job', () => `/activity/jobs/${jobId}`, 'What happened', 'これまでの経過'],
  ['no page', () => '/nowhere', 'There is no such page', 'ページが見つかりません'],
] as const;

const shows = (page: Page, text: string) => page.getByText(text, { exact: true }).last().waitFor();

describe.each(pages)('%s', (_name, path, text) => {
  test('has no barrier, fits, and shows something in both themes at both widths', async () => {
    const page = await studio.open(path(), { viewport: desk });
    for (const { colorScheme, viewport } of looks) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await shows(page, text);
      const look = `${colorScheme}, ${viewport.width} pixels`;
      expect(await findBarriers(page), look).toEqual([]);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width, look).toBeLessThanOrEqual(viewport.width);
      const screenshot = sharp(await page.screenshot());
      expect(await screenshot.metadata()).toMatchObject(viewport);
      const [grey] = (await screenshot.greyscale().stats()).channels;
      // A page that shows nothing has one colour.
      expect((grey?.max ?? 0) - (grey?.min ?? 0), look).toBeGreaterThan(100);
      if (colorScheme === 'light') expect(grey?.mean, look).toBeGreaterThan(160);
      else expect(grey?.mean, look).toBeLessThan(95);
    }
  });
});

test('every page speaks Japanese to a browser that does', async () => {
  const page = await studio.open('/', { locale: 'ja-JP' });
  // The API's own words for this warning are English.
  await page.getByText('プロバイダーが設定されていないため').first().waitFor();
  for (const [, path, , text] of pages) {
    if (path() !== '/') await page.goto(kiln.url + path());
    await shows(page, text);
    expect(await page.getAttribute('html', 'lang')).toBe('ja');
  }
});

test('pages are reached by keys, and the focus goes along', async () => {
  const page = await studio.open('/');
  await page.getByRole('heading', { level: 1, name: 'Create' }).waitFor();
  for (const [keys, title] of [
    ['gb', 'Batches'],
    ['gg', 'Gallery'],
    ['gq', 'Queue'],
    ['ga', 'Activity'],
  ] as const) {
    await page.evaluate('document.activeElement?.blur()');
    for (const key of keys) await page.keyboard.press(key);
    const heading = page.getByRole('heading', { level: 1, name: title });
    await heading.waitFor();
    expect(new URL(page.url()).pathname).toBe(`/${title.toLowerCase()}`);
    await waitFor(
      async () => (await page.evaluate('document.activeElement?.textContent')) === title,
      { what: `the focus to be on ${title}` },
    );
  }
});
