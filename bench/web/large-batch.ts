/**
 * Measures the page of a large batch: how it scrolls, as a wall and as a table, how soon a row is
 * there after a jump, and what the tab holds at the end. The pictures of some rows are real; the
 * others wait or have failed.
 */
import type { Deps } from '@kiln/shared/deps';
import { thumbnailKeyOf } from '@kiln/shared/services/files/object-keys';
import type { Browser } from 'playwright-core';
import { endRows, fillJobs } from '../support/fill-jobs.ts';
import type { Frames, Jump } from './in-page.ts';
import { openPage, type BenchPage } from './pages.ts';
import { drawThumbnails } from './thumbnails.ts';

const batchId = 'batch_bench0';
/** Beginning and middle of the batch have pictures: what is scrolled through, and jumped to. */
const withPictures = 2_000;
const atOnce = 32;

export interface ScrollOptions {
  pixels: number;
  /** Pixels a second: a visitor who looks for something. */
  speed: number;
}

/** Writes a batch of so many rows into the records, and thumbnails into the store. */
export async function fillBatch(deps: Deps, rows: number): Promise<void> {
  const middle = Math.floor(rows / 2);
  const thumbnails = await drawThumbnails();
  await fillJobs(deps.records.pool, { count: rows, after: 0, onlyBulk: true, batches: 1, deps });
  const keys = await endRows(deps.records.pool, {
    batchId,
    pictures: [
      { from: 1, to: withPictures },
      { from: middle, to: middle + withPictures },
    ],
    failedEvery: 50,
    thumbhashes: thumbnails.map(({ thumbhash }) => thumbhash),
  });
  for (let start = 0; start < keys.length; start += atOnce)
    await Promise.all(
      keys.slice(start, start + atOnce).map((key, index) => {
        const { bytes } = thumbnails[(start + index) % thumbnails.length] ?? { bytes: Buffer.of() };
        return deps.store.put(thumbnailKeyOf(key), bytes, { contentType: 'image/webp' });
      }),
    );
}

export async function openBatch(
  browser: Browser,
  url: string,
  view: 'wall' | 'table',
): Promise<BenchPage> {
  const opened = await openPage(browser);
  await opened.page.goto(`${url}/batches/${batchId}${view === 'table' ? '?view=rows' : ''}`);
  await opened.page.waitForSelector(
    view === 'table' ? '[role=row] button' : '[aria-label^="Row 1:"]',
  );
  return opened;
}

/** Scrolls with the wheel of a mouse, down and up again. */
export async function scroll(opened: BenchPage, options: ScrollOptions): Promise<Frames[]> {
  const runs: Frames[] = [];
  for (const direction of [-1, 1]) {
    await opened.ask('startFrames()');
    await opened.session.send('Input.synthesizeScrollGesture', {
      x: 900,
      y: 450,
      yDistance: direction * options.pixels,
      speed: options.speed,
      gestureSourceType: 'mouse',
      preventFling: true,
    });
    runs.push(await opened.ask<Frames>('endFrames()'));
    await opened.page.waitForTimeout(500);
  }
  return runs;
}

/** Jumps to rows all over the batch; every second one has a picture. */
export async function jumpAbout(opened: BenchPage, rows: number, times: number): Promise<Jump[]> {
  const jumps: Jump[] = [];
  for (let index = 0; index < times; index += 1) {
    const row =
      index % 2 === 0
        ? 1 + ((index * 7_919_777 + 73_000) % rows)
        : Math.floor(rows / 2) + ((index * 197) % withPictures);
    jumps.push(await opened.ask<Jump>(`jump(${row}, ${rows})`));
    await opened.page.waitForTimeout(300);
  }
  return jumps;
}

/** How long the request of each jump takes alone. */
export async function requestAbout(
  opened: BenchPage,
  rows: number,
  times: number,
): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const from = 1 + 100 * Math.floor(((index * 7_919_777 + 31_000) % rows) / 100);
    const path = `/v1/batches/${batchId}/rows?from=${from}&limit=100`;
    taken.push(await opened.ask<number>(`request('${path}')`));
  }
  return taken;
}
