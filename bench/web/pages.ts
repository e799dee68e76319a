/** Opens pages that measure themselves (in-page.ts), and counts what they ask of other origins. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { readMemory } from '../support/process-memory.ts';
import { inPage } from './in-page.ts';

export interface BenchPage {
  page: Page;
  session: CDPSession;
  /** Calls a function of `bench` in the page. */
  ask<T>(call: string): Promise<T>;
  close(): Promise<void>;
}

/** Addresses that pages have asked at other origins than their own. */
export const foreignRequests: string[] = [];

/** @param slowdown how many times slower the page's processor is made */
export async function openPage(browser: Browser, slowdown = 1): Promise<BenchPage> {
  const context = await browser.newContext({
    viewport: { width: 1_440, height: 900 },
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    const own = request.isNavigationRequest() ? origin : new URL(page.url()).origin;
    if (protocol.startsWith('http') && origin !== own) foreignRequests.push(request.url());
  });
  await page.addInitScript(inPage);
  const session = await context.newCDPSession(page);
  if (slowdown > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  return {
    page,
    session,
    ask: (call) => page.evaluate(`bench.${call}`),
    close: () => context.close(),
  };
}

/**
 * The memory of the page's process that is its own, as the browser's task manager shows it. Reads
 * /proc, so on Linux only. The other renderer is a spare one, or there is none.
 */
export async function readTabMemory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return Math.max(...renderers.map((pid) => readMemory(pid, 'RssAnon')));
}
