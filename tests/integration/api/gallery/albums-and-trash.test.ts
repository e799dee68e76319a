/** Albums, selections and the trash: what they hold, hide and give back. */
import { listSchema } from '@kiln/shared/schemas/api';
import { albumSchema, type Album } from '@kiln/shared/schemas/gallery/album';
import type { GalleryImage } from '@kiln/shared/schemas/gallery/image';
import { selectionSchema } from '@kiln/shared/schemas/gallery/selection';
import { emptyTrash } from '@kiln/shared/services/maintenance/empty-trash';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { log } from '../../records/support.ts';
import { engineNamed } from '../support.ts';
import { createGalleryClient } from './gallery-client.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });
const { read, list, idsOf, count, refuse, make } = createGalleryClient(kiln);

const boat = await make({ prompt: 'A red boat', n: 2, metadata: { order: '17' } });
const whale = await make({ prompt: 'A blue whale' });
const owl = await make({ prompt: 'A grey owl' });

describe('albums', () => {
  const album = async (path: string, method = 'GET', body?: unknown) =>
    albumSchema.strict().parse(await read(`/v1/albums${path}`, method, body));

  test('hold images, have a cover, and leave their images when they are deleted', async () => {
    const made = await album('', 'POST', { name: 'Best' });
    expect(made).toMatchObject({ name: 'Best', cover: null, cover_image: null, count: 0 });
    const images = { images: [`${boat}/0`, `${whale}/0`] };
    expect(await album(`/${made.id}/images`, 'POST', images)).toMatchObject({
      count: 2,
      cover: `${whale}/0`,
    });
    expect(await album(`/${made.id}/images`, 'POST', images)).toMatchObject({ count: 2 });
    expect(await idsOf(`?album_id=${made.id}`)).toEqual([`${whale}/0`, `${boat}/0`]);
    expect((await list(`?job_id=${whale}`)).data[0]!.albums).toEqual([made.id]);
    expect(await idsOf('?no_album=true')).toEqual([`${owl}/0`, `${boat}/1`]);

    expect(
      await album(`/${made.id}`, 'PATCH', { cover: `${boat}/0`, name: 'Better' }),
    ).toMatchObject({ name: 'Better', cover: `${boat}/0`, cover_image: { width: 64 } });
    expect(await refuse(`/v1/albums/${made.id}`, 'PATCH', { cover: `${owl}/0` })).toMatchObject({
      status: 404,
      param: 'cover',
    });
    expect(await album(`/${made.id}/images`, 'DELETE', { images: [`${boat}/0`] })).toMatchObject({
      count: 1,
      cover: `${whale}/0`,
    });
    const { data } = listSchema(albumSchema).parse(await read('/v1/albums?limit=1'));
    expect(data.map(({ id }: Album) => id)).toEqual([made.id]);

    expect(await read(`/v1/albums/${made.id}`, 'DELETE')).toMatchObject({ deleted: true });
    expect(await refuse(`/v1/albums/${made.id}`)).toMatchObject({ code: 'album_not_found' });
    expect(await idsOf()).toHaveLength(4);
  });

  test('take all images or none, and name the first that does not exist', async () => {
    const { id } = await album('', 'POST', { name: 'Whole' });
    const images = [`${boat}/0`, `${boat}/9`];
    expect(await refuse(`/v1/albums/${id}/images`, 'POST', { images })).toMatchObject({
      status: 404,
      code: 'image_not_found',
      param: 'images.1',
    });
    expect(await album(`/${id}`)).toMatchObject({ count: 0 });
  });

  test.each([
    ['', 'POST', { name: '  ' }, 'name'],
    ['', 'POST', { name: 'x'.repeat(201) }, 'name'],
    ['/alb_1', 'PATCH', {}, null],
    ['/alb_1/images', 'POST', { images: [] }, 'images'],
    ['/alb_1/images', 'POST', { images: ['boat'] }, 'images.0'],
  ] as const)('refuse %s %s %j', async (path, method, body, param) => {
    expect(await refuse(`/v1/albums${path}`, method, body)).toMatchObject({ status: 400, param });
  });
});

describe('selections', () => {
  test('stand for a filter without some of its images, or for images', async () => {
    const made = selectionSchema.strict().parse(
      await read('/v1/selections', 'POST', {
        filter: { q: 'boat', metadata: { order: '17' } },
        except: [`${boat}/0`],
      }),
    );
    expect(made.count).toBe(1);
    expect(made.expires_at - made.created_at).toBe(3_600);
    expect(await read(`/v1/selections/${made.id}`)).toEqual(made);
    expect(
      await read('/v1/selections', 'POST', { images: [`${owl}/0`, `${owl}/0`, `${owl}/5`] }),
    ).toMatchObject({ count: 1 });
    expect(await read('/v1/selections', 'POST', { filter: {} })).toMatchObject({ count: 4 });
  });

  test('end after their hour', async () => {
    const { id } = (await read('/v1/selections', 'POST', { filter: {} })) as { id: string };
    await kiln.deps.records.pool.query(
      "update kiln.selections set expires_at = now() - interval '1 second' where id = $1",
      [id],
    );
    expect(await refuse(`/v1/selections/${id}`)).toMatchObject({
      status: 404,
      code: 'selection_not_found',
    });
  });

  test.each([
    [{}, null],
    [{ filter: {}, images: ['job_1/0'] }, null],
    [{ images: ['job_1/0'], except: ['job_1/0'] }, 'except'],
    [{ filter: { rating: 9 } }, 'filter.rating'],
    [{ filter: { colour: 'red' } }, 'filter.colour'],
    [{ images: Array.from({ length: 9_001 }, () => 'job_1/0') }, 'images'],
  ])('refuse a body of another form', async (body, param) => {
    const error = await refuse('/v1/selections', 'POST', body);
    expect(error, error.message).toMatchObject({ status: 400, param });
  });
});

describe('the trash', () => {
  const keys = async () => (await kiln.deps.store.list('', { limit: 1_000 })).map(({ key }) => key);
  const keysOf = async (id: string) => (await keys()).filter((key) => key.includes(id));
  const age = (id: string, days: number) =>
    kiln.deps.records.pool.query(
      `update kiln.images set trashed_at = now() - $2::int * interval '1 day'
       where job_id = $1 and trashed_at is not null`,
      [id, days],
    );
  const purge = () =>
    emptyTrash({
      config: { trashDays: 7 },
      db: kiln.deps.records.db,
      store: kiln.deps.store,
      log,
      stopping: new AbortController().signal,
    });

  test('hides an image everywhere but in its job, and gives it back', async () => {
    const { id } = (await read('/v1/albums', 'POST', { name: 'Kept' })) as Album;
    await read(`/v1/albums/${id}/images`, 'POST', { images: [`${boat}/1`] });
    const trashed = (await read(`/v1/images/${boat}/1`, 'DELETE')) as GalleryImage;
    expect(trashed.trashed_at).toBeGreaterThan(0);
    expect(await idsOf(`?job_id=${boat}`)).toEqual([`${boat}/0`]);
    expect(await idsOf('?trashed=true')).toEqual([`${boat}/1`]);
    expect(await count()).toMatchObject({ count: 3 });
    expect(await read(`/v1/albums/${id}`)).toMatchObject({ count: 0, cover: null });
    expect((await kiln.read(boat)).images).toMatchObject([
      { index: 0, trashed_at: null },
      { index: 1, trashed_at: trashed.trashed_at },
    ]);
    expect((await fetch(trashed.url)).status).toBe(200);
    // A second time changes nothing.
    await age(boat, 3);
    expect(await read(`/v1/images/${boat}/1`, 'DELETE')).not.toMatchObject({
      trashed_at: trashed.trashed_at,
    });
    expect(await purge()).toBe(0);

    expect(await read(`/v1/images/${boat}/1/restore`, 'POST')).toMatchObject({ trashed_at: null });
    expect(await idsOf(`?album_id=${id}`)).toEqual([`${boat}/1`]);
  });

  test('is emptied after its time: the objects go, the ledger stays', async () => {
    const gone = await make({ prompt: 'A yellow duck', n: 2 });
    const { cost } = await kiln.read(gone);
    await fetch(`${kiln.url}/v1/jobs/${gone}/images/0?thumbnail`);
    expect(await keysOf(gone)).toHaveLength(3);
    await read(`/v1/images/${gone}/0`, 'DELETE');
    await age(gone, 7);
    // Its time is over, but a restore that began in time may not be written yet.
    expect(await purge()).toBe(0);
    await age(gone, 8);
    expect(await refuse(`/v1/images/${gone}/0/restore`, 'POST')).toMatchObject({ status: 404 });
    expect(await purge()).toBe(1);
    expect(await keysOf(gone)).toHaveLength(1);
    expect(await kiln.read(gone)).toMatchObject({
      images: [{ index: 1 }],
      results_deleted_at: null,
      cost,
    });
    expect((await kiln.request(`/v1/jobs/${gone}/images/0`)).status).toBe(404);

    await read(`/v1/images/${gone}/1`, 'DELETE');
    await age(gone, 8);
    expect(await purge()).toBe(1);
    expect(await keysOf(gone)).toEqual([]);
    const job = await kiln.read(gone);
    expect(job).toMatchObject({ status: 'succeeded', images: [], cost });
    expect(job.results_deleted_at).toBeGreaterThan(0);
    expect(await read(`/v1/jobs/${gone}/attempts`)).toMatchObject({
      data: [{ status: 'succeeded', cost: { actual: cost.actual } }],
    });
  });
});
