/** Archives and manifests of selections and albums, and what the trash leaves of a batch's. */
import type { Album } from '@kiln/shared/schemas/gallery/album';
import type { Batch } from '@kiln/shared/schemas/batch';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { unzip } from '../../../support/unzip.ts';
import { makeBatch, reached } from '../batches/batches-support.ts';
import { engineNamed } from '../support.ts';
import { createGalleryClient } from './gallery-client.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });
const { read, idsOf, refuse, make } = createGalleryClient(kiln);

async function completed(rows: string, name: string): Promise<Batch> {
  const { id } = await makeBatch(kiln, `custom_id,filename,prompt,n\n${rows}`, { name });
  const batch = await reached(kiln, id);
  expect(batch).toMatchObject({ status: 'completed', errors: null });
  return batch;
}

const boats = await completed('b1,,A boat,2\nb2,one.png,A boat,1\n', 'Boats');
const birds = await completed('b1,,A bird,1\n', 'boats');
const single = await make({ prompt: 'A cat' });

async function download(path: string): Promise<Map<string, Buffer>> {
  const response = await kiln.request(path);
  expect([path, response.status]).toEqual([path, 200]);
  return unzip(Buffer.from(await response.arrayBuffer()));
}

async function table(path: string): Promise<Record<string, string>[]> {
  const response = await kiln.request(path);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  return parse(await response.text(), { columns: true, bom: true });
}

const select = async (body: unknown) =>
  ((await read('/v1/selections', 'POST', body)) as { id: string }).id;

test('a selection of one batch has the names of its archive', async () => {
  const whole = await download(`/v1/batches/${boats.id}/archive.zip`);
  const id = await select({ filter: { batch_id: boats.id } });
  const chosen = await download(`/v1/selections/${id}/archive.zip`);
  expect([...chosen.keys()]).toEqual(['b1-1.png', 'b1-2.png', 'one.png', 'manifest.csv']);
  expect([...chosen.keys()]).toEqual([...whole.keys()]);
  for (const [name, bytes] of whole)
    if (name !== 'manifest.csv') expect(chosen.get(name)?.equals(bytes)).toBe(true);
});

test('several batches have folders; a picture without one has the name of its job', async () => {
  const id = await select({ filter: {} });
  const files = await download(`/v1/selections/${id}/archive.zip`);
  expect([...files.keys()]).toEqual([
    'Boats/b1-1.png',
    'Boats/b1-2.png',
    'Boats/one.png',
    'boats (2)/b1.png',
    `${single}.png`,
    'manifest.csv',
  ]);
  const rows = await table(`/v1/selections/${id}/manifest.csv`);
  expect(rows.map(({ file }) => file)).toEqual([...files.keys()].slice(0, -1));
  expect(parse(files.get('manifest.csv')!, { columns: true, bom: true })).toEqual(rows);
  expect(rows[3]).toMatchObject({ batch_id: birds.id, custom_id: 'b1', rating: '', starred: '' });
  // Each image has its share, so that the table adds up to what was paid.
  const paid = rows.reduce((sum, { cost_usd: cost }) => sum + Number(cost), 0);
  const job = await kiln.read(single);
  expect(paid).toBeCloseTo(boats.cost.actual + birds.cost.actual + job.cost.actual!, 6);
});

test('an album is an archive of its images, with their marks in the manifest', async () => {
  const [bird] = await idsOf(`?batch_id=${birds.id}`);
  const { id } = (await read('/v1/albums', 'POST', { name: 'Best/of "Kiln"' })) as Album;
  await read(`/v1/albums/${id}/images`, 'POST', { images: [bird, `${single}/0`] });
  await read(`/v1/images/${bird}`, 'PATCH', { rating: 5, starred: true });
  const response = await kiln.request(`/v1/albums/${id}/archive.zip`, { method: 'HEAD' });
  expect(response.headers.get('content-disposition')).toBe(
    'attachment; filename="Best_of _Kiln_.zip"',
  );
  const files = await download(`/v1/albums/${id}/archive.zip`);
  expect([...files.keys()]).toEqual(['boats/b1.png', `${single}.png`, 'manifest.csv']);
  expect(await table(`/v1/albums/${id}/manifest.csv`)).toMatchObject([
    { image_id: bird, rating: '5', starred: 'yes' },
    { image_id: `${single}/0`, rating: '', starred: '' },
  ]);
});

test('a selection is what matches when it is used', async () => {
  const id = await select({ filter: { unrated: true } });
  await read(`/v1/images/${single}/0`, 'PATCH', { rating: 1 });
  await make({ prompt: 'A late cat' });
  const files = await download(`/v1/selections/${id}/archive.zip`);
  expect([...files.keys()].slice(0, -1)).toEqual(['b1-1.png', 'b1-2.png', 'one.png']);
});

test('images in the trash leave archives, and manifests say that they are deleted', async () => {
  const before = (await kiln.request(`/v1/batches/${boats.id}/archive.zip`, { method: 'HEAD' }))
    .headers;
  const id = await select({ filter: { batch_id: boats.id } });
  const [first] = await idsOf(`?batch_id=${boats.id}&custom_id=b1`);
  await read(`/v1/images/${first}`, 'DELETE');
  const names = ['b1-2.png', 'one.png', 'manifest.csv'];
  expect([...(await download(`/v1/batches/${boats.id}/archive.zip`)).keys()]).toEqual(names);
  expect([...(await download(`/v1/selections/${id}/archive.zip`)).keys()]).toEqual(names);
  const after = await kiln.request(`/v1/batches/${boats.id}/archive.zip`, { method: 'HEAD' });
  expect(Number(after.headers.get('content-length'))).toBeLessThan(
    Number(before.get('content-length')),
  );
  const deleted = { status: 'deleted', file: '' };
  expect(await table(`/v1/batches/${boats.id}/manifest.csv`)).toMatchObject([
    deleted,
    { status: 'succeeded', file: 'b1-2.png' },
    { status: 'succeeded', file: 'one.png' },
  ]);
  const named = await select({ images: [first] });
  expect([...(await download(`/v1/selections/${named}/archive.zip`)).keys()]).toEqual([
    'manifest.csv',
  ]);
  expect(await table(`/v1/selections/${named}/manifest.csv`)).toMatchObject([deleted]);
});

test('what does not exist has neither archive nor manifest', async () => {
  for (const name of ['archive.zip', 'manifest.csv']) {
    expect(await refuse(`/v1/selections/sel_1/${name}`)).toMatchObject({
      code: 'selection_not_found',
    });
    expect(await refuse(`/v1/albums/alb_1/${name}`)).toMatchObject({ code: 'album_not_found' });
  }
});
