import { createHash } from 'node:crypto';
import { AzureOpenAI, OpenAI, toFile, type Uploadable } from 'openai';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawMask } from '../../support/pictures/edit-pictures.ts';
import { containing, startSimulator, type TestSimulator } from './support.ts';

const red = { r: 200, g: 30, b: 30 };
const blue = { r: 30, g: 30, b: 200 };

function flat(colour: typeof red, width = 64, height = 64) {
  return sharp({ create: { width, height, channels: 3, background: colour } });
}

/** Size of the pictures that `flat` draws. */
const leftOpen = (width = 64, height = 64) => drawMask({ width, height });

const file = (bytes: Buffer, name: string, type: string): Promise<Uploadable> =>
  toFile(bytes, name, { type });
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const clientsOf = ({ url }: TestSimulator) => ({
  openai: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'key', maxRetries: 0 }),
  azure: new AzureOpenAI({
    endpoint: url,
    apiKey: 'key',
    apiVersion: '2025-04-01-preview',
    deployment: 'gpt-image-2',
    maxRetries: 0,
  }),
  'azure v1': new OpenAI({
    baseURL: `${url}/openai/v1`,
    apiKey: 'key',
    maxRetries: 0,
  }),
});

test('edits of the official clients work on every face; the ledger has their bytes', async () => {
  const simulator = await startSimulator();
  const first = await flat(red).png().toBuffer();
  const second = await flat(blue).jpeg().toBuffer();
  const mask = await leftOpen();
  const clients = clientsOf(simulator);
  for (const name of ['openai', 'azure', 'azure v1'] as const) {
    const answer = await clients[name].images.edit({
      ...(name === 'azure' ? {} : { model: 'gpt-image-2' }),
      prompt: 'a fox',
      image: [
        await file(first, 'one.png', 'image/png'),
        await file(second, 'two.jpg', 'image/jpeg'),
      ],
      mask: await file(mask, 'mask.png', 'image/png'),
      size: '1024x1024',
      n: 2,
    });
    expect(answer.data).toHaveLength(2);
    expect(answer.usage?.input_tokens_details.image_tokens).toBeGreaterThan(0);
  }
  const { entries } = await simulator.ledger();
  const received = containing({
    paid: true,
    images: 2,
    source_sha256: [hashOf(first), hashOf(second)],
    mask_sha256: hashOf(mask),
  });
  expect(entries).toEqual([received, received, received]);
  expect(entries[1]?.route).toBe('/openai/deployments/:deployment/images/edits');
});

test('the picture shows the first source, a tile of the second and the mask', async () => {
  const simulator = await startSimulator({ pictures: 'full' });
  const answer = await clientsOf(simulator).openai.images.edit({
    model: 'gpt-image-2',
    prompt: 'a fox',
    image: [
      await file(await flat(red).png().toBuffer(), 'one.png', 'image/png'),
      await file(await flat(blue).png().toBuffer(), 'two.png', 'image/png'),
    ],
    mask: await file(await leftOpen(), 'mask.png', 'image/png'),
    size: '1024x1024',
  });
  const picture = sharp(Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64'));
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels).subarray(0, 3),
  ];
  expect(at(800, 500), 'untouched, on the right').toEqual([200, 30, 30]);
  expect(at(1024 - 100, 100), 'the tile').toEqual([30, 30, 200]);
  const left = Array.from({ length: 400 }, (_, step) => at(20 + step, 500));
  expect(left, 'painted anew').not.toContainEqual([200, 30, 30]);
  expect(left, 'and hatched').toContainEqual([255, 64, 160]);
});

test('a streamed edit has the events of edits and the bytes of an unstreamed one', async () => {
  const simulator = await startSimulator();
  const { openai } = clientsOf(simulator);
  const image = await file(await flat(red).png().toBuffer(), 'one.png', 'image/png');
  const request = { model: 'gpt-image-2', prompt: 'a fox', image };
  const events: string[] = [];
  let last = '';
  for await (const event of await openai.images.edit({
    ...request,
    stream: true,
    partial_images: 2,
  })) {
    events.push(event.type);
    last = event.b64_json;
  }
  expect(events).toEqual([
    'image_edit.partial_image',
    'image_edit.partial_image',
    'image_edit.completed',
  ]);
  expect(last).toBe((await openai.images.edit(request)).data?.[0]?.b64_json);
});

test('an invalid form is a 400 that names the problem', async () => {
  const simulator = await startSimulator();
  const { openai, azure } = clientsOf(simulator);
  const png = await flat(red).png().toBuffer();
  const image = await file(png, 'one.png', 'image/png');
  const webp = await file(await flat(red).webp().toBuffer(), 'one.webp', 'image/webp');
  const opaque = await file(
    await flat(red).ensureAlpha().png().toBuffer(),
    'mask.png',
    'image/png',
  );
  const refused: [client: OpenAI, body: Record<string, unknown>, param: string, message: RegExp][] =
    [
      [openai, { image: undefined }, 'image', /Missing required parameter/],
      [openai, { image: Array.from({ length: 17 }, () => image) }, 'image', /maximum length 16/],
      [
        openai,
        { image: await file(Buffer.from('no'), 'a.png', 'image/png') },
        'image',
        /Invalid image file/,
      ],
      [openai, { image: await file(png, 'a.png', 'text/plain') }, 'image', /unsupported mimetype/],
      [azure, { image: webp, model: undefined }, 'image', /unsupported mimetype/],
      [openai, { mask: image }, 'mask', /alpha/],
      [openai, { mask: opaque }, 'mask', /transparent/],
      [openai, { mask: await file(await leftOpen(32), 'm.png', 'image/png') }, 'mask', /size/],
      [openai, { input_fidelity: 'high' }, 'input_fidelity', /does not support/],
      [openai, { model: 'gpt-image-1-mini', input_fidelity: 'high' }, 'input_fidelity', /'low'/],
      [
        openai,
        { markup: await file(await leftOpen(), 'm.png', 'image/png') },
        'markup',
        /not supported/,
      ],
      [openai, { output_format: 'svg', model: 'gpt-image-2' }, 'output_format', /Supported values/],
      [
        openai,
        {
          output_format: 'gif',
          model: 'gpt-image-2.5-flare',
          mask: await file(await leftOpen(), 'm.png', 'image/png'),
        },
        'mask',
        /not supported for GIF/,
      ],
      [openai, { prompt: undefined }, 'prompt', /Missing/],
      [openai, { colour: 'red' }, 'colour', /Unknown parameter/],
    ];
  for (const [client, body, param, message] of refused) {
    const edit = client.images.edit({
      model: 'gpt-image-2',
      prompt: 'a fox',
      image,
      ...body,
    } as OpenAI.Images.ImageEditParamsNonStreaming);
    await expect(edit, `${param} ${String(message)}`).rejects.toMatchObject({ status: 400, param });
    await expect(edit).rejects.toThrow(message);
  }
  const json = await fetch(`${simulator.url}/v1/images/edits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
    body: '{"model": "gpt-image-2", "prompt": "a fox"}',
  });
  expect(json.status).toBe(400);
  expect((await simulator.ledger()).counters).toMatchObject({ calls: refused.length + 1, paid: 0 });
});

test('EXIF orientation is applied to a source', async () => {
  const simulator = await startSimulator();
  const turned = await flat(red, 64, 32)
    .withExif({})
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { openai } = clientsOf(simulator);
  const edit = async (mask: Buffer) =>
    openai.images.edit({
      model: 'gpt-image-2',
      prompt: 'a fox',
      image: await file(turned, 'turned.jpg', 'image/jpeg'),
      mask: await file(mask, 'mask.png', 'image/png'),
    });
  await expect(edit(await leftOpen(64, 32))).rejects.toThrow(/size/);
  await expect(edit(await leftOpen(32, 64))).resolves.toHaveProperty('usage');
});

test('edits take their starts from the same quota', async () => {
  const simulator = await startSimulator({ rpm: 6 });
  const { azure } = clientsOf(simulator);
  const image = await file(await flat(red).png().toBuffer(), 'one.png', 'image/png');
  await azure.images.edit({ prompt: 'a fox', image });
  await expect(azure.images.edit({ prompt: 'a fox', image })).rejects.toThrow(
    /ImageEdits_Create Operation/,
  );
  const generated = await simulator.generate({ prompt: 'a fox' }, { face: 'azure' });
  expect(generated.status).toBe(429);
});
