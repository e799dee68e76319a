/** Every page of the studio: in both themes and languages, at a desk and on a phone. */
import { describe, expect, test } from 'vitest';
import { engineNamed } from '../integration/api/support.ts';
import { findBarriers, openStudio } from '../support/browser/open-studio.ts';

const studio = await openStudio({ engine: engineNamed('postgres') });

const pages = [
  ['/', 'Create', '作成'],
  ['/batches', 'Batches', 'バッチ'],
  ['/queue', 'Queue', 'キュー'],
  ['/activity', 'Activity', '履歴'],
] as const;
const desk = { width: 1_440, height: 900 };
const phone = { width: 390, height: 844 };

describe.each(pages)('%s', (path, title, titleInJapanese) => {
  test.each(['light', 'dark'] as const)('has no barrier in %s', async (colorScheme) => {
    for (const viewport of [desk, phone]) {
      const page = await studio.open(path, { colorScheme, viewport });
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      expect(await findBarriers(page)).toEqual([]);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(viewport.width);
    }
  });

  test('speaks Japanese to a browser that does', async () => {
    const page = await studio.open(path, { locale: 'ja-JP' });
    await page.getByRole('heading', { level: 1, name: titleInJapanese }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('ja');
  });
});

test('pages are reached by keys, and the focus goes along', async () => {
  const page = await studio.open('/');
  await page.getByRole('heading', { level: 1, name: 'Create' }).waitFor();
  for (const [keys, title] of [
    ['gb', 'Batches'],
    ['gq', 'Queue'],
    ['ga', 'Activity'],
  ] as const) {
    await page.evaluate('document.activeElement?.blur()');
    for (const key of keys) await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/${title.toLowerCase()}`);
  }
});
