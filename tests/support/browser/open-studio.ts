/**
 * A Kiln with the studio, and real pages of it in Chromium. A test fails when a page breaks its
 * content security policy, throws, or asks another origin for anything.
 */
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { buildStudio } from '../../../scripts/studio/build-studio.ts';
import { atEndOfFile } from '../end-of-file.ts';
import { startKiln, type KilnOptions, type TestKiln } from '../kiln.ts';
import { launchChromium } from './launch.ts';

export interface Studio {
  kiln: TestKiln;
  /** Opens a page with a browser profile of its own. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
}

const pageTimeoutMs = 120_000;

/** Starts a Kiln whose API serves the studio; call it once in a file. */
export async function openStudio(options: KilnOptions): Promise<Studio> {
  await buildStudio((sentence) => console.log(sentence));
  const kiln = await startKiln({ ...options, env: { KILN_STUDIO: 'on', ...options.env } });
  const browser = await openBrowser();
  return { kiln, open: (path = '/', context = {}) => openPage(browser, kiln.url, path, context) };
}

async function openBrowser(): Promise<Browser> {
  const browser = await launchChromium();
  atEndOfFile(() => browser.close());
  return browser;
}

async function openPage(
  browser: Browser,
  url: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1_440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(pageTimeoutMs);
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('pageerror', (error) => complaints.push(`threw: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== origin)
      complaints.push(`asked ${asked.origin}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(`${url}${path}`);
  return page;
}

/** What axe finds on a page that is serious or worse: the rule and the elements, one line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
