/** Work for a Kiln that is photographed: some jobs that have ended, and a batch that runs. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Content {
  /** Jobs with pictures, newest first. */
  jobIds: string[];
  batchId: string;
}

const subjects = [
  'A small boat in morning fog, painted with a wide brush, muted colours',
  'Still life with three pears and a blue jug, window light from the left',
  'A lighthouse on a winter evening, the first snow on the rocks',
  'Poster for a night train to Lisbon, flat shapes, two colours',
  'A paper lantern seen from below, soft focus, warm grain',
  'Terraced fields after rain, aerial view, long shadows',
  'A potter’s hands and a wet bowl, close, the kiln behind them out of focus',
  'Cherry branch against a plaster wall, noon, hard shadow',
];
const sizes = ['1536x1024', '1024x1024', '1024x1536'];
const products = ['teapot', 'vase', 'bowl', 'plate', 'cup', 'jug', 'lamp', 'tile'];
const scenes = [
  'on oiled oak, morning light from the left',
  'on linen, seen from above',
  'on a stone step in the rain',
  'held in two hands, plain wall',
  'beside a bunch of dried grass',
  'in a shop window at dusk',
];

export async function fillKiln(url: string): Promise<Content> {
  const jobs: { id: string }[] = [];
  for (const [index, prompt] of subjects.entries()) {
    const body = { prompt, size: sizes[index % sizes.length], quality: 'medium' };
    jobs.push(await postJson(url, '/v1/jobs', body));
  }
  for (const { id } of jobs) await ended(url, `/v1/jobs/${id}`);
  await markSome(
    url,
    jobs.map(({ id }) => `${id}/0`),
  );
  const rows = products.flatMap((product) =>
    scenes.map((scene, index) => {
      const prompt = `A glazed ${product} ${scene}, catalogue photograph`;
      return `${product}-${index + 1},"${prompt}",1024x1024,low`;
    }),
  );
  const file = ['custom_id,prompt,size,quality', ...rows].join('\n');
  const form = new FormData();
  form.set('file', new Blob([file]), 'autumn-catalogue.csv');
  const batch = await readJson<{ id: string }>(
    await fetch(new URL('/v1/batches', url), { method: 'POST', body: form }),
  );
  return { jobIds: jobs.map(({ id }) => id).toReversed(), batchId: batch.id };
}

/** Some are rated and starred, and some are in an album. */
async function markSome(url: string, images: readonly string[]): Promise<void> {
  for (const [index, image] of images.entries())
    if (index % 3 > 0)
      await sendJson(url, `/v1/images/${image}`, 'PATCH', {
        rating: 5 - (index % 4),
        starred: index % 4 === 1,
      });
  const album = await postJson<{ id: string }>(url, '/v1/albums', { name: 'For the autumn issue' });
  await postJson(url, `/v1/albums/${album.id}/images`, { images: images.slice(0, 5) });
  await postJson(url, '/v1/bulk_actions', {
    action: 'star',
    images: images.slice(4, 6),
    params: { starred: true },
  });
}

/** Waits until a share of the batch's rows has ended. */
export async function batchAt(url: string, batchId: string, share: number): Promise<void> {
  await until(async () => {
    const { request_counts: counts, status } = await readJson<{
      status: string;
      request_counts: { total: number; completed: number };
    }>(await fetch(new URL(`/v1/batches/${batchId}`, url)));
    return status === 'completed' || (counts.total > 0 && counts.completed >= share * counts.total);
  });
}

async function ended(url: string, path: string): Promise<void> {
  await until(async () => {
    const { status } = await readJson<{ status: string }>(await fetch(new URL(path, url)));
    if (['failed', 'held'].includes(status)) throw new Error(`${path} is ${status}`);
    return status === 'succeeded';
  });
}

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await delay(500);
}

async function postJson<T>(url: string, path: string, body: object): Promise<T> {
  return sendJson<T>(url, path, 'POST', body);
}

async function sendJson<T>(url: string, path: string, method: string, body: object): Promise<T> {
  return readJson<T>(
    await fetch(new URL(path, url), {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

async function readJson<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url}: ${await response.text()}`);
  return (await response.json()) as T;
}
