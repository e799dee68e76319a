/**
 * The official SDK's `images.edit`, as `OpenAI` and as `AzureOpenAI`: the provider receives
 * pictures and mask unchanged, and the SDK receives the result unchanged.
 */
import { createHash } from 'node:crypto';
import OpenAI, { AzureOpenAI, BadRequestError, toFile } from 'openai';
import type { ImageEditStreamEvent } from 'openai/resources/images';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawMask, drawPicture } from '../support/pictures/edit-pictures.ts';
import { enginesOf } from '../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';

interface Call {
  route: string;
  prompt_sha256: string;
  image_sha256: string[];
  source_sha256: string[];
  mask_sha256: string | null;
  partial_images: number | null;
  usage: object;
}

const apiVersion = '2025-04-01-preview';

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hashOf(base64: string | undefined): string {
  return sha256(Buffer.from(base64 ?? '', 'base64'));
}

describe.each(enginesOf(import.meta.filename))('openai.images.edit on $name', (engine) => {
  let kiln: TestKiln;
  let clients: { name: string; client: OpenAI }[];
  let png: Buffer;
  let jpeg: Buffer;
  let mask: Buffer;
  beforeAll(async () => {
    [png, jpeg, mask] = await Promise.all([drawPicture('png'), drawPicture('jpeg'), drawMask()]);
    kiln = await startKiln({ engine });
    const options = { apiKey: 'none', maxRetries: 0 };
    clients = [
      { name: 'OpenAI', client: new OpenAI({ ...options, baseURL: `${kiln.url}/v1` }) },
      {
        name: 'AzureOpenAI',
        client: new AzureOpenAI({
          ...options,
          endpoint: kiln.url,
          apiVersion,
          deployment: 'gpt-image-1.5',
        }),
      },
    ];
  });

  const callsFor = async (prompt: string): Promise<Call[]> => {
    const { entries } = await kiln.control<{ entries: Call[] }>('GET', 'ledger');
    return entries.filter((entry) => entry.prompt_sha256 === sha256(prompt));
  };
  const sources = async () => ({
    image: [
      await toFile(png, 'first.png', { type: 'image/png' }),
      await toFile(jpeg, 'second.jpg', { type: 'image/jpeg' }),
    ],
    mask: await toFile(mask, 'mask.png', { type: 'image/png' }),
  });
  const filesLeft = async () =>
    ((await (await kiln.request('/v1/files')).json()) as { data: object[] }).data.length;

  test('sends two pictures and a mask unchanged, and returns two results', async () => {
    for (const { name, client } of clients) {
      const prompt = `朝霧 in the masked half, by ${name}`;
      const answer = await client.images.edit({
        ...(await sources()),
        model: 'gpt-image-1.5',
        prompt,
        n: 2,
        size: '1024x1024',
        quality: 'low',
        input_fidelity: 'high',
        output_format: 'jpeg',
        output_compression: 70,
      });
      const [call, ...others] = await callsFor(prompt);
      expect(others, name).toEqual([]);
      expect(call, name).toMatchObject({
        source_sha256: [sha256(png), sha256(jpeg)],
        mask_sha256: sha256(mask),
      });
      expect(
        answer.data?.map((image) => hashOf(image.b64_json)),
        name,
      ).toEqual(call?.image_sha256);
      expect(answer, name).toMatchObject({
        output_format: 'jpeg',
        quality: 'low',
        usage: call?.usage,
      });
    }
  });

  test('accepts a prompt of 32,000 characters', async () => {
    const prompt = '画'.repeat(32_000);
    const image = await toFile(png, 'only.png', { type: 'image/png' });
    const answer = await clients[0]!.client.images.edit({ image, prompt });
    const [call] = await callsFor(prompt);
    expect(answer.data?.map((each) => hashOf(each.b64_json))).toEqual(call?.image_sha256);
  });

  test('streams two partial images and then the result', async () => {
    for (const { name, client } of clients) {
      await kiln.control('PATCH', 'settings', { gate: true });
      const prompt = `an edit streamed by ${name}`;
      const stream = await client.images.edit({
        ...(await sources()),
        model: 'gpt-image-1.5',
        prompt,
        stream: true,
        partial_images: 2,
      });
      const events: ImageEditStreamEvent[] = [];
      for await (const event of stream) {
        events.push(event);
        if (events.length === 2) await kiln.control('PATCH', 'settings', { gate: false });
      }
      const [call, ...others] = await callsFor(prompt);
      expect(others, name).toEqual([]);
      expect(call, name).toMatchObject({ partial_images: 2, mask_sha256: sha256(mask) });
      expect(events, name).toMatchObject([
        { type: 'image_edit.partial_image', partial_image_index: 0 },
        { type: 'image_edit.partial_image', partial_image_index: 1 },
        { type: 'image_edit.completed', usage: call?.usage },
      ]);
      expect(hashOf(events.at(-1)?.b64_json), name).toBe(call?.image_sha256[0]);
    }
  });

  test('a refused edit stores and calls nothing', async () => {
    const before = await filesLeft();
    const [openai] = clients.map(({ client }) => client);
    const cases: [string, object][] = [
      [
        'mask_size_mismatch',
        { mask: await toFile(await drawMask({ width: 20, height: 20 }), 'm.png') },
      ],
      [
        'image_format_unsupported',
        { image: await toFile(Buffer.from('GIF89a and so on'), 'a.png') },
      ],
      ['invalid_request', { n: 11 }],
      ['unsupported_parameter', { size: '1000x1000' }],
      ['unknown_parameter', { styel: 'vivid' }],
    ];
    for (const [code, fields] of cases) {
      const error = await openai?.images
        .edit({
          ...(await sources()),
          model: 'gpt-image-1.5',
          prompt: `refused ${code}`,
          ...fields,
        })
        .catch((thrown: unknown) => thrown);
      expect(error, code).toBeInstanceOf(BadRequestError);
      expect(error).toMatchObject({ code });
      expect(await callsFor(`refused ${code}`)).toEqual([]);
    }
    expect(await filesLeft()).toBe(before);
  });
});
