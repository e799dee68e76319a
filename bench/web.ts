/**
 * Question: is the studio instant, on a slow computer and with a batch of 100,000 rows? Chromium
 * opens the page of an API process. Budgets:
 *
 *   load    JavaScript of the first page at most 200 kB (brotli, as sent); LCP under 1 s and no
 *           task above 100 ms, the processor slowed four times; beside a bare page of text
 *   batch   the wall and the table scroll at 55 frames a second or more, beside a bare page of as
 *           many pictures; a jump to any row takes less than 150 ms, beside its request alone; the
 *           tab holds less than 300 MB
 *   gallery the wall of as many images as the batch has rows: the same budgets
 *   start   `npm start` is ready within 5 s on a folder that was used before; what its processes
 *           hold at rest, beside the same without the studio
 *
 * Nothing may be asked of another origin. `--only load` runs one part. Memory is read from /proc,
 * so this runs on Linux only.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildStudio } from '../scripts/studio/build-studio.ts';
import { launchChromium } from '../tests/support/browser/launch.ts';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { openBenchDeps } from './support/bench-deps.ts';
import { startApi, startChild } from './support/kiln-processes.ts';
import { percentile } from './support/load.ts';
import { loadOften, summariseLoads } from './web/first-load.ts';
import type { Frames, Jump } from './web/in-page.ts';
import { fillGallery, jumpInGallery, openGallery, requestInGallery } from './web/gallery.ts';
import { fillBatch, jumpAbout, openBatch, requestAbout, scroll } from './web/large-batch.ts';
import { foreignRequests, openPage, readTabMemory } from './web/pages.ts';
import { measureStarts } from './web/starts.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    times: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
const rows = Number(values.rows);
const times = Number(values.times);
const isWanted = (part: string) => values.only === undefined || values.only === part;
const slowdown = 4;
const scrolling = { pixels: 15_000, speed: 3_000 };
const jumps = 20;
/** The first field of the page. */
const ready = 'textarea';

await buildStudio((sentence) => console.log(sentence));
const database = await openBenchDatabase();
const env = { ...envOn(database), STORAGE_URL: `file:${join(database.folder, 'objects')}` };
const bare = await startChild('bench/baselines/bare-page.ts', {});
const api = await startApi({ ...env, KILN_STUDIO: 'on', LOG_LEVEL: 'warn' });
try {
  await printYardstick();
  if (isWanted('load')) await measureLoads();
  // The gallery comes first: it shows the pictures of the batch as well.
  if (isWanted('gallery')) await measureGallery();
  if (isWanted('batch')) await measureBatch();
} finally {
  await api.stop();
  await bare.stop();
  await database.close();
}
if (isWanted('start')) await printStarts();
console.log(`requests to other origins: ${foreignRequests.length} (budget: 0)`);
for (const url of foreignRequests) console.log(`  ${url}`);

async function measureLoads(): Promise<void> {
  const browser = await launchChromium();
  try {
    const options = { times, slowdown };
    const tables = {
      'bare page': await loadOften(browser, { ...options, url: bare.url, ready: 'h1' }),
      'Create, warm-up': await loadOften(browser, { ...options, times: 1, url: api.url, ready }),
      Create: await loadOften(browser, { ...options, url: api.url, ready }),
      Batches: await loadOften(browser, { ...options, url: `${api.url}/batches`, ready: 'h1' }),
      'Create, not slowed': await loadOften(browser, { times, slowdown: 1, url: api.url, ready }),
    };
    console.log(`first load, the processor slowed ${slowdown} times, ${times} times each`);
    console.log('(budgets: 200 kB, LCP 1,000 ms, longest task 100 ms)');
    console.table(
      Object.fromEntries(
        Object.entries(tables).map(([name, each]) => [name, summariseLoads(each)]),
      ),
    );
  } finally {
    await browser.close();
  }
}

/** Compares machines, and shows whether this one has other work. */
async function printYardstick(): Promise<void> {
  const browser = await launchChromium();
  try {
    const { page, ask } = await openPage(browser);
    await page.goto(bare.url);
    const { ms } = await ask<{ ms: number }>('spin()');
    const [load] = loadavg();
    console.log(
      `a loop of 100 million steps takes ${ms.toFixed(0)} ms; load average ${load?.toFixed(1)}`,
    );
  } finally {
    await browser.close();
  }
}

async function measureBatch(): Promise<void> {
  const deps = await openBenchDeps(env);
  await fillBatch(deps, rows);
  await deps.close();
  const browser = await launchChromium();
  try {
    const results: Record<string, object> = {};
    const memory: Record<string, string> = {};
    const wall = await openPage(browser);
    await wall.page.goto(`${bare.url}/wall`);
    results['bare wall'] = shown(await scroll(wall, scrolling));
    memory['bare wall'] = inMegabytes(await readTabMemory(browser));
    await wall.close();
    for (const view of ['wall', 'table'] as const) {
      const opened = await openBatch(browser, api.url, view);
      const frames = await scroll(opened, scrolling);
      const reached = await jumpAbout(opened, rows, jumps);
      const alone = await requestAbout(opened, rows, jumps);
      results[view] = { ...shown(frames), ...shownJumps(reached, alone) };
      memory[view] = inMegabytes(await readTabMemory(browser));
      await opened.close();
    }
    console.log(`a batch of ${rows.toLocaleString('en')} rows, ${scrolling.speed} pixels a second`);
    console.log('(budgets: 55 frames a second, jump 150 ms, 300 MB)');
    console.table(results);
    console.table({ 'memory of the tab, MB': memory });
  } finally {
    await browser.close();
  }
}

async function measureGallery(): Promise<void> {
  const deps = await openBenchDeps(env);
  await fillGallery(deps, rows);
  await deps.close();
  const browser = await launchChromium();
  try {
    const wall = await openPage(browser);
    await wall.page.goto(`${bare.url}/wall`);
    const bareFrames = shown(await scroll(wall, scrolling));
    const bareMemory = await readTabMemory(browser);
    await wall.close();
    const opened = await openGallery(browser, api.url);
    const frames = await scroll(opened, scrolling);
    const reached = await jumpInGallery(opened, rows, jumps);
    const alone = await requestInGallery(opened, rows, jumps);
    const memory = await readTabMemory(browser);
    console.log(`the gallery of ${rows.toLocaleString('en')} images`);
    console.log('(budgets: 55 frames a second, jump 150 ms, 300 MB)');
    console.table({
      'bare wall': { ...bareFrames, 'memory, MB': inMegabytes(bareMemory) },
      gallery: {
        ...shown(frames),
        ...shownJumps(reached, alone),
        'memory, MB': inMegabytes(memory),
      },
    });
  } finally {
    await browser.close();
  }
}

function shownJumps(reached: readonly Jump[], alone: readonly number[]) {
  return {
    ...percentiles(
      'jump',
      reached.map(({ rowMs }) => rowMs),
    ),
    ...percentiles(
      'pictures',
      reached.map(({ picturesMs }) => picturesMs),
    ),
    ...percentiles('request alone', alone),
  };
}

async function printStarts(): Promise<void> {
  const { on, off } = await measureStarts(3, 10_000);
  const middle = (all: readonly number[]): number =>
    percentile(
      all.toSorted((one, other) => one - other),
      0.5,
    );
  const row = (starts: typeof on) => ({
    'ready, s': Number((middle(starts.map(({ readyMs }) => readyMs)) / 1_000).toFixed(2)),
    'memory at rest, MB': inMegabytes(middle(starts.map(({ restBytes }) => restBytes))),
    'API alone, MB': inMegabytes(middle(starts.map(({ apiBytes }) => apiBytes))),
  });
  console.log('npm start on a folder that was used before, medians of 3 (budget: 5 s)');
  console.table({ 'KILN_STUDIO=on': row(on), 'KILN_STUDIO=off': row(off) });
}

function shown(runs: readonly Frames[]) {
  const worst = (of: (frames: Frames) => number): number => Math.max(...runs.map(of));
  return {
    'frames/s': Math.min(...runs.map(({ perSecond }) => Math.round(perSecond * 10) / 10)),
    'frame p95, ms': Math.round(worst(({ p95Ms }) => p95Ms)),
    'longest, ms': Math.round(worst(({ longestMs }) => longestMs)),
    'blank, %': Math.round(worst(({ blank }) => blank) * 100),
  };
}

function percentiles(name: string, all: readonly number[]) {
  const sorted = all.toSorted((one, other) => one - other);
  const at = (share: number): number => Math.round(percentile(sorted, share));
  return { [`${name} p50, ms`]: at(0.5), [`${name} most, ms`]: at(1) };
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
