/** Photographs pages of the studio that show a Kiln at work. */
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { batchAt, type Content } from './fill-kiln.ts';

interface Studio {
  url: string;
  folder: string;
  content: Content;
}

const patienceMs = 180_000;
const desk = { width: 1_440, height: 900 };
/** Small files that are still sharp: all of docs/images stays under a megabyte. */
const webp = { quality: 78, effort: 6 };

/** The pictures of docs/images, while the batch runs. */
export async function photographForDocs(browser: Browser, studio: Studio): Promise<void> {
  const { url, folder, content } = studio;
  const pictures = [
    ['create', '/', 0, 'light'],
    ['queue', '/queue', 0.25, 'dark'],
    ['gallery', '/gallery', 0.9, 'light'],
  ] as const;
  for (const [name, path, share, colorScheme] of pictures) {
    await batchAt(url, content.batchId, share);
    const page = await open(browser, url, path, content, { viewport: desk, colorScheme });
    if (name === 'gallery') await chooseSome(page);
    await sharp(await page.screenshot())
      .webp(webp)
      .toFile(join(folder, `${name}.webp`));
    await page.context().close();
  }
}

/** Every page at three widths, in both themes and languages: `queue-390-dark-ja.png`. */
export async function photographAll(browser: Browser, studio: Studio): Promise<void> {
  const { url, folder, content } = studio;
  await batchAt(url, content.batchId, 0.3);
  const pages = {
    create: '/',
    batches: '/batches',
    'batch-new': '/batches/new',
    batch: `/batches/${content.batchId}`,
    rows: `/batches/${content.batchId}?view=rows`,
    gallery: '/gallery',
    'gallery-batches': '/gallery?view=batches',
    'gallery-albums': '/gallery?view=albums',
    'gallery-actions': '/gallery?view=actions',
    'gallery-trash': '/gallery?view=trash',
    'gallery-search': '/gallery?q=teapot&rating=3%2B',
    queue: '/queue',
    activity: '/activity',
    webhooks: '/activity?view=webhooks',
    events: '/activity?view=events',
    job: `/activity/jobs/${content.jobIds[0]}`,
    'not-found': '/nowhere',
  };
  for (const locale of ['en-GB', 'ja-JP']) {
    for (const [name, path] of Object.entries(pages)) {
      const page = await open(browser, url, path, content, { locale });
      for (const width of [1_440, 1_024, 390]) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const file = `${name}-${width}-${colorScheme}-${locale.slice(0, 2)}.png`;
          await page.screenshot({ path: join(folder, file) });
        }
      }
      await page.context().close();
    }
  }
}

/** Rates some pictures. What can be done with many is in sight while some are chosen. */
async function chooseSome(page: Page): Promise<void> {
  for (const [place, keys] of [
    [1, '4'],
    [5, '5f'],
    [12, '3'],
    [15, '5'],
  ] as const) {
    await page.locator(`[data-place="${place}"]`).getByRole('link').focus();
    for (const key of keys) await page.keyboard.press(key);
  }
  for (const place of [2, 3, 9])
    await page.locator(`[data-place="${place}"]`).getByRole('checkbox').click();
  await page.mouse.move(0, 0);
}

/** Opens a page in a browser that has sent the jobs itself, and waits for its pictures. */
async function open(
  browser: Browser,
  url: string,
  path: string,
  { jobIds }: Content,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  await context.addInitScript(
    `localStorage.setItem('kiln-created-jobs', ${JSON.stringify(JSON.stringify(jobIds))})`,
  );
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  page.setDefaultNavigationTimeout(patienceMs);
  await page.goto(new URL(path, url).href);
  await page.getByRole('heading').first().waitFor();
  // The stream of events never ends, so the network is never idle: wait for what is in sight.
  while (!(await page.evaluate(isSettled))) await page.waitForTimeout(100);
  await page.waitForTimeout(700); // pictures fade in
  return page;
}

/**
 * For the page: nothing that keeps a place is left, and the pictures in sight have their pixels.
 */
const isSettled = `document.querySelector('main .animate-breathe') === null &&
  [...document.images].every(
    (image) => image.complete || image.getBoundingClientRect().top > innerHeight) &&
  [...document.querySelectorAll('[data-place] a')].every(
    (cell) => cell.querySelector('img') || cell.getBoundingClientRect().top > innerHeight)`;
