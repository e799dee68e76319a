/** Edit requests that wait for their pictures: forms and JSON, repeated, broken off and refused. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Job } from '@kiln/shared/schemas/job';
import { afterEach, describe, expect, test } from 'vitest';
import { drawMask, drawPicture, toDataUrl } from '../../../support/pictures/edit-pictures.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { boundary, countLeft, field, filePart, toBody, upload, type RawPart } from '../form.ts';
import { engineNamed, noJobUnderWay, readError, readJob } from '../support.ts';

const path = '/v1/images/edits';
const kiln = await startKiln({ engine: engineNamed('redis') });
const [png, jpeg, mask] = await Promise.all([drawPicture('png'), drawPicture('jpeg'), drawMask()]);

afterEach(() => noJobUnderWay(kiln));

function part(name: string, content: Buffer, filename = 'a.png'): RawPart {
  return [
    `name="${name}"; filename="${filename}"`,
    content,
    'content-type: application/octet-stream',
  ];
}

function send(
  parts: readonly RawPart[],
  headers: Record<string, string> = {},
  to = path,
): Promise<Response> {
  return fetch(`${kiln.url}${to}`, {
    method: 'POST',
    body: toBody(parts),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
  });
}

/** Rows of deleted files stay, because batches may name them. */
async function leftOf() {
  const { objects, keys } = await countLeft(kiln);
  const { data } = (await (await kiln.request('/v1/files')).json()) as { data: object[] };
  return { objects, keys, files: data.length };
}

async function lastCall() {
  const { entries } = await kiln.control<{
    entries: { source_sha256: string[]; mask_sha256: string | null; image_sha256: string[] }[];
  }>('GET', 'ledger');
  return entries.at(-1);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a form', () => {
  test('is accepted in any order, and its numbers, booleans and objects are read', async () => {
    const response = await send(
      [
        part('mask', mask),
        field('n', '2'),
        part('image[]', png),
        field('metadata[order]', '17'),
        field('stream', 'false'),
        part('image[]', jpeg),
        field('provider_options', '{"complexity": "low"}'),
        field('prompt', 'two of them'),
      ],
      { prefer: 'respond-async' },
    );
    expect(response.status).toBe(202);
    const job = await readJob(response);
    expect(job).toMatchObject({
      endpoint: path,
      metadata: { order: '17' },
      request: { n: 2, prompt: 'two of them', provider_options: { complexity: 'low' } },
    });
    expect(job.request.images).toHaveLength(2);
    await kiln.ended(job.id);
  });

  test('repeated with its key is one job, whose pictures are stored once', async () => {
    const parts = [field('prompt', 'once'), part('image', png), part('mask', mask)];
    const headers = { 'idempotency-key': 'edit-1' };
    const first = await send(parts, headers);
    const left = await leftOf();
    const second = await send(parts, headers);
    expect(second.headers.get('x-kiln-job-id')).toBe(first.headers.get('x-kiln-job-id'));
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await second.text()).toBe(await first.text());
    expect(await leftOf()).toEqual(left);
    // Another picture, and the same pictures in another role.
    for (const others of [
      [part('image', jpeg), part('mask', mask)],
      [part('image[]', png), part('image[]', mask)],
    ]) {
      const other = await send([field('prompt', 'once'), ...others], headers);
      expect(await readError(other)).toMatchObject({ status: 422 });
    }
    expect(await leftOf()).toEqual(left);
  });

  test.each<[string, string, RawPart[]]>([
    ['prompt', 'prompt: is missing', [part('image', png)]],
    ['image', 'image: missing', [field('prompt', 'a')]],
    ['image', 'send it as a file', [field('prompt', 'a'), field('image', 'file-1')]],
    [
      'n',
      'n: received "two"; it takes a number',
      [field('prompt', 'a'), part('image', png), field('n', 'two')],
    ],
    [
      'stream',
      'stream: received "yes"',
      [field('prompt', 'a'), part('image', png), field('stream', 'yes')],
    ],
    [
      'styel',
      'styel: is not a known field',
      [field('prompt', 'a'), part('image', png), field('styel', 'x')],
    ],
    [
      'picture',
      'picture: unexpected file field; expected image, image[], mask, markup',
      [field('prompt', 'a'), part('picture', png)],
    ],
    ['mask', 'mask: received two files', [part('mask', mask), part('mask', mask)]],
    [
      'image[]',
      'at most 16 images',
      [field('prompt', 'a'), ...Array.from({ length: 17 }, () => part('image[]', png))],
    ],
  ])('that is invalid names %s and leaves nothing: %s', async (param, message, parts) => {
    const before = await leftOf();
    const error = await readError(await send(parts));
    expect(error).toMatchObject({ status: 400, param });
    expect(error.message).toContain(message);
    expect(await leftOf()).toEqual(before);
  });

  /** The last part has begun and does not end. */
  const large = Buffer.concat([png, Buffer.alloc(49_900_000)]);
  test.each<[string, RawPart[], object]>([
    [
      'a mask of 4 MB',
      [part('image', png), part('mask', Buffer.concat([mask, Buffer.alloc(4_194_304)]))],
      {
        status: 400,
        code: 'mask_too_large',
        message: 'mask: received 4,194,304 bytes or more; a mask must have fewer',
      },
    ],
    [
      'markup and a mask',
      [part('mask', mask), part('markup', png)],
      {
        status: 400,
        code: 'unsupported_parameter',
        message: 'markup: received together with a mask; leave one of them out',
      },
    ],
    [
      'more text than an edit may have',
      [
        part('image', png),
        ...[0, 1, 2, 3, 4].map((n) => field(`metadata[${n}]`, 'a'.repeat(250_000))),
        part('image', png),
      ],
      {
        status: 413,
        code: 'body_too_large',
        message:
          'metadata[4]: with this field the texts of the form exceed 1,048,576 bytes; shorten them',
      },
    ],
    [
      'more than 200 MB',
      [
        ...Array.from({ length: 4 }, () => part('image[]', large)),
        part('image[]', large.subarray(0, 1_000_000)),
      ],
      {
        status: 413,
        code: 'file_too_large',
        message:
          'images: received more bytes than the pictures of an edit may have together, 200,000,000',
      },
    ],
  ])('with %s is refused before its end, and leaves nothing', async (_what, parts, expected) => {
    const before = await leftOf();
    const { hostname, port } = new URL(kiln.url);
    const socket = connect(Number(port), hostname);
    const body = toBody(parts, false);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: multipart/form-data; ` +
        `boundary=${boundary}\r\ncontent-length: ${body.length + 10}\r\n\r\n`,
    );
    socket.write(body);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    const [head = '', json = ''] = answer.toString().split('\r\n\r\n');
    const { error } = JSON.parse(json) as { error: object };
    expect({ status: Number(head.split(' ')[1]), ...error }).toMatchObject(expected);
    expect(await leftOf()).toEqual(before);
  });

  test('that breaks off leaves nothing and frees its slot', async () => {
    const before = await leftOf();
    const { hostname, port } = new URL(kiln.url);
    const socket = connect(Number(port), hostname);
    const body = toBody([field('prompt', 'cut'), part('image', png), part('mask', mask)]);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: multipart/form-data; ` +
        `boundary=${boundary}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, body.length - mask.length));
    await waitFor(async () => (await leftOf()).objects > before.objects, {
      what: 'its first picture',
    });
    socket.destroy();
    await waitFor(async () => (await leftOf()).objects === before.objects, {
      what: 'its pictures to be gone',
    });
    expect(await leftOf()).toEqual(before);
  });
});

describe('JSON', () => {
  test('names its pictures by file or data URL', async () => {
    const { id } = await upload(kiln, [field('purpose', 'vision'), filePart(jpeg, 'photo.jpg')]);
    const response = await postJson(`${kiln.url}${path}`, {
      prompt: 'by name',
      images: [{ file_id: id }, { image_url: toDataUrl(png) }],
      mask: { image_url: toDataUrl(mask) },
    });
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    const call = await lastCall();
    expect(call).toMatchObject({
      source_sha256: [sha256(jpeg), sha256(png)],
      mask_sha256: sha256(mask),
    });
    expect(data.map((image) => sha256(Buffer.from(image.b64_json, 'base64')))).toEqual(
      call?.image_sha256,
    );
  });

  test.each([
    ['images', { prompt: 'a' }],
    ['images', { prompt: 'a', images: [] }],
    ['svg.style', { prompt: 'a', images: [{ file_id: 'file-1' }], svg: { style: 'flat' } }],
    ['images.0', { prompt: 'a', images: [{ file_id: 'file-1' }] }],
  ])('names an invalid %s', async (param, body) => {
    const error = await readError(await postJson(`${kiln.url}${path}`, body));
    expect(error.param).toBe(param);
    expect([400, 404]).toContain(error.status);
  });

  test('another type of body is refused', async () => {
    const response = await fetch(`${kiln.url}${path}`, {
      method: 'POST',
      body: png,
      headers: { 'content-type': 'image/png' },
    });
    const error = await readError(response);
    expect(error).toMatchObject({ status: 415 });
    expect(error.message).toContain('multipart/form-data, application/json');
  });

  test('a deployment in the path determines the model', async () => {
    const body = { prompt: 'a', images: [{ image_url: toDataUrl(png) }] };
    const to = (name: string) =>
      `${kiln.url}/openai/deployments/${name}/images/edits?api-version=1`;
    const response = await postJson(to('gpt-image-1-mini'), body, { prefer: 'respond-async' });
    const job: Job = await readJob(response);
    expect(job.model).toBe('gpt-image-1-mini');
    await kiln.ended(job.id);
    const conflict = await postJson(to('gpt-image-1-mini'), { ...body, model: 'gpt-image-2' });
    expect(await readError(conflict)).toMatchObject({ status: 400, param: 'model' });
    expect(await readError(await postJson(to('gpt-imagine'), body))).toMatchObject({
      status: 404,
      code: 'DeploymentNotFound',
    });
  });
});
