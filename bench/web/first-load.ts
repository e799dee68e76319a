/** Loads a page as a first visitor does: a new profile, nothing cached, a slowed processor. */
import type { Browser } from 'playwright-core';
import { percentile } from '../support/load.ts';
import { openPage } from './pages.ts';
import type { Load } from './in-page.ts';

/** What a page does after it can be used counts as well. */
const settleMs = 2_000;

export async function loadOften(
  browser: Browser,
  { url, ready, times, slowdown }: LoadOptions,
): Promise<Load[]> {
  const loads: Load[] = [];
  for (let count = 0; count < times; count += 1) {
    const opened = await openPage(browser, slowdown);
    await opened.page.goto(url);
    await opened.page.waitForSelector(ready);
    await opened.page.waitForTimeout(settleMs);
    loads.push(await opened.ask<Load>('load()'));
    await opened.close();
  }
  return loads;
}

export interface LoadOptions {
  url: string;
  /** What is there when the page can be used. */
  ready: string;
  times: number;
  slowdown: number;
}

export function summariseLoads(loads: readonly Load[]) {
  const all = (field: 'firstPaintMs' | 'largestPaintMs' | 'longestTaskMs'): number[] =>
    loads.map((load) => load[field]).toSorted((one, other) => one - other);
  const middle = (sorted: readonly number[]): number => Math.round(percentile(sorted, 0.5));
  const most = (sorted: readonly number[]): number => Math.round(percentile(sorted, 1));
  const [first] = loads;
  return {
    'JavaScript, kB': Number(((first?.scriptBytes ?? 0) / 1_000).toFixed(1)),
    files: first?.scripts,
    'first paint, ms': middle(all('firstPaintMs')),
    'LCP, ms': middle(all('largestPaintMs')),
    'LCP most, ms': most(all('largestPaintMs')),
    'longest task, ms': middle(all('longestTaskMs')),
    'most, ms': most(all('longestTaskMs')),
  };
}
