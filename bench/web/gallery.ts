/**
 * Measures the wall of the gallery: how it scrolls, how soon a picture is there after a jump, and
 * what the tab holds at the end. Every image has a thumbnail.
 */
import type { Deps } from '@kiln/shared/deps';
import type { Browser } from 'playwright-core';
import { drawPictures, storePictures } from '../../scripts/gallery/draw-pictures.ts';
import { writeImages } from '../../scripts/gallery/write-images.ts';
import type { Jump } from './in-page.ts';
import { openPage, type BenchPage } from './pages.ts';

const kinds = 36;
const pageRows = 100;

export async function fillGallery({ records, store }: Deps, images: number): Promise<void> {
  const pictures = await drawPictures(kinds);
  await storePictures(store, pictures, await writeImages(records.pool, { images, pictures }));
}

export async function openGallery(browser: Browser, url: string): Promise<BenchPage> {
  const opened = await openPage(browser);
  await opened.page.goto(`${url}/gallery`);
  await opened.page.waitForSelector('[data-place="0"] img');
  return opened;
}

/** Numbers from 1 to `most`, all over. */
function* spread(most: number, times: number): Generator<number> {
  for (let index = 0; index < times; index += 1) yield 1 + ((index * 7_919_777 + 73_000) % most);
}

export async function jumpInGallery(
  opened: BenchPage,
  images: number,
  times: number,
): Promise<Jump[]> {
  const jumps: Jump[] = [];
  for (const image of spread(images, times)) {
    jumps.push(await opened.ask<Jump>(`jump(${image}, ${images})`));
    await opened.page.waitForTimeout(300);
  }
  return jumps;
}

/** How long the request of each jump takes alone. */
export async function requestInGallery(
  opened: BenchPage,
  images: number,
  times: number,
): Promise<number[]> {
  const taken: number[] = [];
  for (const image of spread(images, times)) {
    const offset = pageRows * Math.floor(image / pageRows);
    const path = `/v1/images?limit=${pageRows}&offset=${offset}`;
    taken.push(await opened.ask<number>(`request('${path}')`));
  }
  return taken;
}
