/**
 * A Kiln with the studio, and real pages of it in Chromium. A test fails when a page breaks its
 * content security policy, throws, or asks another origin for anything.
 */
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { buildStudio } from '../../../scripts/studio/build-studio.ts';
import { atEndOfFile } from '../end-of-file.ts';
import { startKiln, type KilnOptions, type TestKiln } from '../kiln.ts';
import { waitFor } from '../wait-for.ts';
import { launchChromium } from './launch.ts';

export interface Studio {
  kiln: TestKiln;
  /** Opens a page with a browser profile of its own. `path` may be a whole address. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Opens a page in the profile of another one, as a further tab. */
  openTab(beside: Page, path?: string): Promise<Page>;
}

const pageTimeoutMs = 120_000;

/** Starts a Kiln whose API serves the studio; call it once in a file. */
export async function openStudio(options: KilnOptions): Promise<Studio> {
  await buildStudio((sentence) => console.log(sentence));
  const kiln = await startKiln({ ...options, env: { KILN_STUDIO: 'on', ...options.env } });
  const browser = await openBrowser();
  return {
    kiln,
    open: (path = '/', context = {}) => openPage(browser, new URL(path, kiln.url), context),
    openTab: (beside, path = '/') => openTab(beside, new URL(path, kiln.url)),
  };
}

async function openBrowser(): Promise<Browser> {
  const browser = await launchChromium();
  atEndOfFile(() => browser.close());
  return browser;
}

async function openPage(
  browser: Browser,
  url: URL,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1_440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const complaints = watch(page, url.origin);
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(url.href);
  return page;
}

async function openTab(beside: Page, url: URL): Promise<Page> {
  const page = await beside.context().newPage();
  const complaints = watch(page, url.origin);
  onTestFinished(() => expect(complaints).toEqual([]));
  await page.goto(url.href);
  return page;
}

/** Collects what a page must not do. */
function watch(page: Page, origin: string): readonly string[] {
  page.setDefaultTimeout(pageTimeoutMs);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`threw: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== origin)
      complaints.push(`asked ${asked.origin}`);
  });
  return complaints;
}

const fadesEnd = `Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .map(({ finished }) => finished.catch(() => undefined))).then(() => undefined)`;

/**
 * What axe finds on a page that is serious or worse: the rule and the elements, one line each.
 * @param rules ids of the rules to try; default: all
 */
export async function findBarriers(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(fadesEnd); // a colour is judged when it has faded in
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (only) =>
      (globalThis as unknown as { axe: typeof axe }).axe.run({
        resultTypes: ['violations'],
        ...(only === null ? {} : { runOnly: { type: 'rule', values: only } }),
      }),
    rules === undefined ? null : [...rules],
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

export async function barriersInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await findBarriers(page)).map((barrier) => `${colorScheme}: ${barrier}`));
  }
  return found;
}

/** Waits until the browser has the pixels of an `<img>`. */
export function isLoaded(picture: Locator): Promise<true> {
  return waitFor(
    async () =>
      (await picture.evaluate((image: object) =>
        'naturalWidth' in image ? Number(image.naturalWidth) : 0,
      )) > 0,
    { what: 'a picture to be there' },
  );
}
