/** `/v1/images`: what the wall shows, one image in full, and its marks. */
import type { Album } from '@kiln/shared/schemas/gallery/album';
import { galleryImageSchema, imageDetailsSchema } from '@kiln/shared/schemas/gallery/image';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed } from '../support.ts';
import { createGalleryClient } from './gallery-client.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });

const { read, list, idsOf, count, refuse, make } = createGalleryClient(kiln);

const boat = await make({ prompt: 'A red boat', n: 2, metadata: { order: '17' } });
const whale = await make({ prompt: 'A blue whale', size: '1024x1536' });
const owl = await make({ prompt: 'A grey owl', output_format: 'jpeg' });

// The simulator's pictures are small squares.
await kiln.deps.records.pool.query(
  'update kiln.images set width = 1024, height = 1536 where job_id = $1',
  [whale],
);

const patch = async (id: string, body: unknown) =>
  galleryImageSchema.strict().parse(await read(`/v1/images/${id}`, 'PATCH', body));
const details = async (id: string) =>
  imageDetailsSchema.strict().parse(await read(`/v1/images/${id}`));

describe('the wall', () => {
  test('has every image, newest job first, in compact rows', async () => {
    const page = await list();
    expect(page.data.map(({ id }) => id)).toEqual([
      `${owl}/0`,
      `${whale}/0`,
      `${boat}/0`,
      `${boat}/1`,
    ]);
    expect(page).toMatchObject({ has_more: false, search_complete: true });
    const [first] = page.data;
    expect(first).toMatchObject({
      object: 'image',
      job_id: owl,
      format: 'jpeg',
      batch_id: null,
      edited: false,
      derived: false,
      rating: null,
      starred: false,
      albums: [],
      trashed_at: null,
      prompt: 'A grey owl',
      cost: { currency: 'usd' },
    });
    const job = await kiln.read(boat);
    const shares = page.data.slice(2).map(({ cost }) => cost.actual ?? Number.NaN);
    expect(shares[0]! + shares[1]!).toBeCloseTo(job.cost.actual!, 9);
    for (const url of [first!.url, first!.thumbnail_url!])
      expect((await fetch(url)).status).toBe(200);
  });

  test('pages by a cursor, also within a job, and by an offset from an image on', async () => {
    const first = await list('?limit=3');
    expect(first).toMatchObject({ has_more: true, last_id: `${boat}/0` });
    expect(await idsOf(`?limit=3&after=${boat}/0`)).toEqual([`${boat}/1`]);
    expect(await list(`?limit=2&before=${boat}/1`)).toMatchObject({
      has_more: true,
      first_id: `${whale}/0`,
      last_id: `${boat}/0`,
    });
    expect(await idsOf(`?limit=2&before=${whale}/0`)).toEqual([`${owl}/0`]);
    expect(await idsOf(`?q=a+red&before=${boat}/1`)).toEqual([`${boat}/0`]);
    expect(await idsOf(`?newest=${whale}/0&offset=1`)).toEqual([`${boat}/0`, `${boat}/1`]);
    expect(await count(`?newest=${whale}/0`)).toEqual({
      object: 'image.count',
      count: 3,
      is_complete: true,
    });
  });

  test.each([
    ['q=BOAT', 2],
    ['q=no+such+thing', 0],
    ['metadata[order]=17', 2],
    ['metadata[order]=18', 0],
    ['model=gpt-image-2', 4],
    ['model=other', 0],
    ['size=1024x1536', 1],
    ['min_height=1200', 1],
    ['max_height=1200&max_width=1000', 3],
    ['edited=true', 0],
    ['derived=false', 4],
    ['unrated=true', 4],
    ['starred=true', 0],
    ['no_album=true', 4],
    ['trashed=true', 0],
    ['created_after=4102444800', 0],
    ['created_before=4102444800', 4],
    ['q=boat&size=1024x1536', 0],
    [`job_id=${boat}`, 2],
    ['batch_id=batch_1', 0],
    ['custom_id=a', 0],
  ])('filters by %s', async (query, expected) => {
    expect(await idsOf(`?${query}`)).toHaveLength(expected);
    expect(await count(`?${query}`)).toMatchObject({ count: expected });
  });

  test.each([
    ['limit=201', 'limit'],
    ['after=job_1', 'after'],
    ['before=job_1', 'before'],
    [`before=${boat}/0&offset=1`, 'before'],
    ['rating=6', 'rating'],
    ['size=big', 'size'],
    ['starred=perhaps', 'starred'],
    ['offset=1000001', 'offset'],
    ['colour=red', 'colour'],
  ])('refuses %s and names the field', async (query, param) => {
    expect(await refuse(`/v1/images?${query}`)).toMatchObject({ status: 400, param });
  });
});

describe('an image', () => {
  test('is read in full', async () => {
    const image = await details(`${boat}/1`);
    expect(image).toMatchObject({
      id: `${boat}/1`,
      prompt: 'A red boat',
      metadata: { order: '17' },
      request: { n: 2 },
      got: { format: 'png' },
      sources: [],
      mask: null,
      provenance: { c2pa: false },
      reused_from: null,
      lineage: { made_from: [], became: [] },
    });
    expect(image.job_cost.actual).toBeCloseTo(2 * image.cost.actual!, 5);
  });

  test('says what it was made from, and what was made from it', async () => {
    await kiln.deps.records.pool.query('update kiln.jobs set derived_from = $2 where id = $1', [
      owl,
      `${whale}/0`,
    ]);
    expect((await details(`${owl}/0`)).lineage.made_from).toMatchObject([
      { kind: 'draft', id: `${whale}/0`, image: { id: `${whale}/0`, height: 1536 } },
    ]);
    expect((await details(`${whale}/0`)).lineage.became).toMatchObject([
      { kind: 'final', job_id: owl, status: 'succeeded', images: [{ id: `${owl}/0` }] },
    ]);
  });

  test('is rated and starred, on the wall and in its job', async () => {
    expect(await patch(`${whale}/0`, { rating: 4 })).toMatchObject({ rating: 4, starred: false });
    expect(await patch(`${whale}/0`, { starred: true })).toMatchObject({
      rating: 4,
      starred: true,
    });
    expect((await kiln.read(whale)).images[0]).toMatchObject({ rating: 4, starred: true });
    expect(await idsOf('?rating_min=3')).toEqual([`${whale}/0`]);
    expect(await idsOf('?rating=5')).toEqual([]);
    expect(await idsOf('?starred=true&rating=4')).toEqual([`${whale}/0`]);
    expect(await idsOf('?unrated=true')).not.toContain(`${whale}/0`);
    expect(await patch(`${whale}/0`, { rating: null, starred: false })).toMatchObject({
      rating: null,
    });
  });

  test.each([
    [{ rating: 6 }, 'rating'],
    [{ rating: 'good' }, 'rating'],
    [{ starred: 1 }, 'starred'],
    [{ stars: 1 }, 'stars'],
  ])('refuses %j', async (body, param) => {
    expect(await refuse(`/v1/images/${whale}/0`, 'PATCH', body)).toMatchObject({
      status: 400,
      param,
    });
  });

  test('that does not exist is not found by any method', async () => {
    for (const [method, suffix] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/restore'],
    ] as const)
      expect(
        await refuse(
          `/v1/images/${whale}/7${suffix}`,
          method,
          method === 'PATCH' ? { rating: 1 } : undefined,
        ),
      ).toMatchObject({ status: 404, code: 'image_not_found' });
  });
});

test('another project sees none of it', async () => {
  const { id } = (await read('/v1/albums', 'POST', { name: 'Mine' })) as Album;
  const { id: selection } = (await read('/v1/selections', 'POST', { filter: {} })) as {
    id: string;
  };
  const { pool } = kiln.deps.records;
  for (const table of ['images', 'jobs', 'albums', 'selections'])
    await pool.query(`update kiln.${table} set project_id = 'other'`);
  expect(await idsOf()).toEqual([]);
  expect(await count('?q=boat')).toMatchObject({ count: 0 });
  expect(await read('/v1/albums')).toMatchObject({ data: [] });
  for (const [path, method, body] of [
    [`/v1/images/${boat}/0`, 'GET', undefined],
    [`/v1/images/${boat}/0`, 'PATCH', { rating: 1 }],
    [`/v1/images/${boat}/0`, 'DELETE', undefined],
    [`/v1/images/${boat}/0/restore`, 'POST', undefined],
    [`/v1/albums/${id}`, 'GET', undefined],
    [`/v1/albums/${id}`, 'PATCH', { name: 'Yours' }],
    [`/v1/albums/${id}`, 'DELETE', undefined],
    [`/v1/albums/${id}/images`, 'POST', { images: [`${boat}/0`] }],
    [`/v1/selections/${selection}`, 'GET', undefined],
  ] as const)
    expect(await refuse(path, method, body)).toMatchObject({ status: 404 });
  const mine = (await read('/v1/albums', 'POST', { name: 'New' })) as Album;
  const theirs = { images: [`${boat}/0`] };
  expect(await refuse(`/v1/albums/${mine.id}/images`, 'POST', theirs)).toMatchObject({
    status: 404,
  });
  expect(await read('/v1/selections', 'POST', theirs)).toMatchObject({ count: 0 });
});
