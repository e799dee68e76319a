/**
 * `POST /v1/jobs` with pictures: accepted edits, and edits refused before anything is called or
 * stored.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { drawMask, drawPicture, toDataUrl } from '../../../support/pictures/edit-pictures.ts';
import { startKiln, postJson, type TestKiln } from '../../../support/kiln.ts';
import { countLeft, field, filePart, upload } from '../form.ts';
import { countEffects, engineNamed, readError, readJob } from '../support.ts';

let kiln: TestKiln;
let png: Buffer;
let mask: Buffer;

beforeAll(async () => {
  // A model of each kind, at Azure and OpenAI: nothing is sent, because no worker runs.
  kiln = await startKiln({
    engine: engineNamed('postgres'),
    workers: false,
    env: { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
  });
  [png, mask] = await Promise.all([drawPicture('png'), drawMask()]);
});

const submit = (body: object, headers: Record<string, string> = {}) =>
  postJson(`${kiln.url}/v1/jobs`, { prompt: 'A boat', model: 'gpt-image-1.5', ...body }, headers);
const inline = (bytes: Buffer, type?: string) => ({ image_url: toDataUrl(bytes, type) });
const uploadPicture = async (bytes: Buffer, name: string) =>
  (await upload(kiln, [field('purpose', 'vision'), filePart(bytes, name)])).id;

test('an edit is accepted with files and data URLs, and keeps no bytes of its own', async () => {
  const id = await uploadPicture(png, 'a.png');
  const response = await submit({
    images: [{ file_id: id }, inline(await drawPicture('webp'))],
    mask: inline(mask),
    input_fidelity: 'high',
  });
  expect(response.status).toBe(202);
  const job = await readJob(response);
  expect(job.endpoint).toBe('/v1/images/edits');
  const { images = [], mask: kept, input_fidelity: fidelity } = job.request;
  expect(fidelity).toBe('high');
  expect(images[0]).toEqual({ file_id: id });
  const files = await Promise.all(
    [images[1], kept].map(async (source) =>
      (await kiln.request(`/v1/files/${source?.file_id}`)).json(),
    ),
  );
  expect(files).toMatchObject([
    {
      purpose: 'vision',
      filename: 'images-1.webp',
      picture: { format: 'webp', width: 48, height: 32 },
    },
    { purpose: 'vision', filename: 'mask.png', picture: { has_alpha: true, is_opaque: false } },
  ]);
  // Pictures from inside a request expire by themselves some time after its job.
  const [file] = files as { created_at: number; expires_at: number }[];
  expect(file!.expires_at - file!.created_at).toBe(2_592_000);
});

test('a repeated request is the same job, even when its file is gone', async () => {
  const id = await uploadPicture(png, 'a.png');
  const key = { 'idempotency-key': 'edit' };
  const body = { images: [{ file_id: id }, inline(png)] };
  const first = await readJob(await submit(body, key));
  const before = await countLeft(kiln);
  const again = await submit(body, key);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect((await readJob(again)).id).toBe(first.id);
  expect((await countLeft(kiln)).objects).toBe(before.objects);
  expect(await readError(await submit({ images: [inline(mask)] }, key))).toMatchObject({
    code: 'idempotency_key_reused',
  });
  await kiln.request(`/v1/jobs/${first.id}/cancel`, { method: 'POST' });
  expect((await kiln.request(`/v1/files/${id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await readJob(await submit(body, key))).id).toBe(first.id);
});

test('the same request at once, many times, is one job', async () => {
  const key = { 'idempotency-key': 'at once' };
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => submit({ images: [inline(png)] }, key)),
  );
  const accepted = answers.filter(({ status }) => status === 202);
  const jobs = new Set(
    await Promise.all(accepted.map(async (answer) => (await readJob(answer)).id)),
  );
  expect(jobs.size).toBe(1);
  const { rows } = await kiln.deps.records.pool.query(
    `select 1 from kiln.files f
      where deleted_at is null and purpose = 'vision' and filename = 'images-0.png'
      and not exists (select from kiln.jobs j where j.source_file_ids @> array[f.id])`,
  );
  expect(rows, 'files that no job has').toEqual([]);
});

test('the estimate grows with the number of pictures and with fidelity', async () => {
  const estimate = async (body: object) =>
    (await readJob(await submit({ size: '1024x1024', quality: 'low', ...body }))).cost.estimated ??
    0;
  const plain = await estimate({});
  const one = await estimate({ images: [inline(png)] });
  const two = await estimate({ images: [inline(png)], mask: inline(mask) });
  const close = await estimate({ images: [inline(png)], input_fidelity: 'high' });
  // A 3:2 picture is 323 tokens at 8 dollars a million, and 6,240 more at high fidelity.
  expect(one - plain).toBeCloseTo(0.002584, 6);
  expect(two - one).toBeCloseTo(0.002584, 6);
  expect(close - plain).toBeCloseTo(0.052504, 6);
  // gpt-image-2 counts patches of 32 pixels: 48 x 32 are two of them.
  const model = 'gpt-image-2';
  const later = (await estimate({ model, images: [inline(png)] })) - (await estimate({ model }));
  expect(later).toBeCloseTo(0.000016, 6);
});

describe('a refused edit stores and calls nothing:', () => {
  type Case = [
    what: string,
    body: () => Promise<object>,
    code: string,
    param: string,
    message: RegExp,
  ];
  const opaque = () => drawPicture('png');
  const cases: Case[] = [
    [
      'no image in the list',
      async () => ({ images: [] }),
      'invalid_request',
      'images',
      /at least 1 item/,
    ],
    [
      'seventeen images',
      async () => ({ images: Array(17).fill(inline(png)) as object[] }),
      'invalid_request',
      'images',
      /17 items; at most 16/,
    ],
    [
      'an image without file_id and image_url',
      async () => ({ images: [{}] }),
      'invalid_request',
      'images.0',
      /takes \{"file_id"/,
    ],
    [
      'an image with file_id and image_url',
      async () => ({ images: [{ file_id: 'file-1', ...inline(png) }] }),
      'invalid_request',
      'images.0',
      /takes \{"file_id"/,
    ],
    [
      'a URL to fetch',
      async () => ({ images: [{ image_url: 'https://example.com/a.png' }] }),
      'invalid_request',
      'images.0',
      /does not fetch addresses/,
    ],
    [
      'a data URL that is not base64',
      async () => ({ images: [{ image_url: 'data:image/png,abc' }] }),
      'invalid_request',
      'images.0',
      /in base64/,
    ],
    [
      'a data URL of another media type',
      async () => ({ images: [{ image_url: 'data:image/png;base64,****' }] }),
      'invalid_request',
      'images.0',
      /in base64/,
    ],
    [
      'an unknown field of an image',
      async () => ({ images: [{ url: 'x' }] }),
      'unknown_parameter',
      'images.0.url',
      /not a known field/,
    ],
    [
      'bytes that are no picture',
      async () => ({
        images: [inline(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml')],
      }),
      'image_format_unsupported',
      'images.0',
      /svg/i,
    ],
    [
      'a picture that is cut',
      async () => ({ images: [inline(png), inline(png.subarray(0, -20))] }),
      'image_damaged',
      'images.1',
      /./,
    ],
    [
      'a file that does not exist',
      async () => ({ images: [{ file_id: 'file-0' }] }),
      'file_not_found',
      'images.0',
      /no file "file-0"/,
    ],
    [
      'a mask without images',
      async () => ({ mask: inline(mask) }),
      'unsupported_parameter',
      'mask',
      /received without images/,
    ],
    [
      'a fidelity without images',
      async () => ({ input_fidelity: 'high' }),
      'unsupported_parameter',
      'input_fidelity',
      /received without images/,
    ],
    [
      'a mask that is a jpeg',
      async () => ({ images: [inline(png)], mask: inline(await drawPicture('jpeg')) }),
      'mask_format_unsupported',
      'mask',
      /png/,
    ],
    [
      'a mask without alpha',
      async () => ({ images: [inline(png)], mask: inline(await opaque()) }),
      'mask_without_alpha',
      'mask',
      /alpha/,
    ],
    [
      'a mask of another size',
      async () => ({
        images: [inline(png)],
        mask: inline(await drawMask({ width: 32, height: 48 })),
      }),
      'mask_size_mismatch',
      'mask',
      /32 × 48.*48 × 32/,
    ],
    [
      'a fidelity the model does not accept',
      async () => ({ images: [inline(png)], model: 'gpt-image-2', input_fidelity: 'low' }),
      'unsupported_parameter',
      'input_fidelity',
      /gpt-image-2 does not take/,
    ],
    [
      'markup for a model without it',
      async () => ({ images: [inline(png)], markup: inline(mask) }),
      'unsupported_parameter',
      'markup',
      /does not take/,
    ],
    [
      'markup and a mask',
      async () => ({
        images: [inline(png)],
        model: 'gpt-image-2.5-flare',
        markup: inline(mask),
        mask: inline(mask),
      }),
      'unsupported_parameter',
      'markup',
      /together with a mask/,
    ],
    [
      'markup of another size',
      async () => ({
        images: [inline(png)],
        model: 'gpt-image-2.5-flare',
        markup: inline(await drawMask({ width: 16 })),
      }),
      'mask_size_mismatch',
      'markup',
      /markup has the size/,
    ],
    [
      'several svg documents',
      async () => ({
        images: [inline(png)],
        model: 'gpt-image-2.5-flare',
        output_format: 'svg',
        n: 2,
      }),
      'unsupported_parameter',
      'n',
      /with output_format "svg" it takes 1/,
    ],
    [
      'a mask of a gif',
      async () => ({
        images: [inline(png)],
        mask: inline(mask),
        model: 'gpt-image-2.5-flare',
        output_format: 'gif',
      }),
      'unsupported_parameter',
      'mask',
      /takes no mask/,
    ],
    [
      'a picture among the options',
      async () => ({ images: [inline(png)], provider_options: { mask: 'x' } }),
      'unsupported_parameter',
      'provider_options.mask',
      /Kiln sets/,
    ],
  ];

  test.each(cases)('%s', async (_what, body, code, param, message) => {
    const before = [await countLeft(kiln), await countEffects(kiln)];
    const error = await readError(await submit(await body(), { 'idempotency-key': 'refused' }));
    expect(error).toMatchObject({
      code,
      param,
      message: expect.stringMatching(message) as unknown,
    });
    expect([await countLeft(kiln), await countEffects(kiln)]).toEqual(before);
  });

  test('a file of another purpose', async () => {
    const { id } = await upload(kiln, [
      field('purpose', 'batch'),
      filePart('prompt\nA\n', 'rows.csv'),
    ]);
    expect(await readError(await submit({ images: [{ file_id: id }] }))).toMatchObject({
      code: 'invalid_request',
      param: 'images.0',
      message: expect.stringMatching(/purpose "batch"/) as unknown,
    });
  });

  test('more bytes than one edit may have', async () => {
    const id = await uploadPicture(png, 'a.png');
    await kiln.deps.records.pool.query('update kiln.files set bytes = 150000000 where id = $1', [
      id,
    ]);
    expect(
      await readError(await submit({ images: [{ file_id: id }, { file_id: id }] })),
    ).toMatchObject({
      code: 'file_too_large',
      param: 'images',
    });
  });
});

test('a file uploaded before pictures were checked is checked now', async () => {
  const id = await uploadPicture(png, 'a.png');
  await kiln.deps.records.pool.query('update kiln.files set picture = null where id = $1', [id]);
  expect((await submit({ images: [{ file_id: id }] })).status).toBe(202);
  expect(await (await kiln.request(`/v1/files/${id}`)).json()).toMatchObject({
    picture: { format: 'png' },
  });
});
