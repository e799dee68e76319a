/**
 * The official SDK with the images API, as `OpenAI` and as `AzureOpenAI`: only the base URL
 * differs.
 */
import { createHash } from 'node:crypto';
import OpenAI, { APIError, AzureOpenAI, BadRequestError, NotFoundError } from 'openai';
import type { ImageGenStreamEvent } from 'openai/resources/images';
import { beforeAll, describe, expect, test } from 'vitest';
import { enginesOf } from '../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';

interface Ledger {
  entries: {
    image_sha256: string[];
    n: number;
    partial_images: number | null;
    usage: object;
    model: string;
  }[];
}

const apiVersion = '2025-04-01-preview';

function sha256(base64: string | undefined): string {
  return createHash('sha256')
    .update(Buffer.from(base64 ?? '', 'base64'))
    .digest('hex');
}

describe.each(enginesOf(import.meta.filename))('openai.images on $name', (engine) => {
  let kiln: TestKiln;
  let clients: { name: string; client: OpenAI }[];
  beforeAll(async () => {
    kiln = await startKiln({ engine });
    const options = { apiKey: 'none', maxRetries: 0 };
    clients = [
      { name: 'OpenAI', client: new OpenAI({ ...options, baseURL: `${kiln.url}/v1` }) },
      {
        name: 'OpenAI at /openai/v1',
        client: new OpenAI({ ...options, baseURL: `${kiln.url}/openai/v1` }),
      },
      {
        name: 'AzureOpenAI, by deployment',
        client: new AzureOpenAI({
          ...options,
          endpoint: kiln.url,
          apiVersion,
          deployment: 'gpt-image-2',
        }),
      },
      {
        name: 'AzureOpenAI, by model',
        client: new AzureOpenAI({ ...options, endpoint: kiln.url, apiVersion }),
      },
    ];
  });

  const calls = async (prompt: string): Promise<Ledger['entries']> => {
    const { entries } = await kiln.control<{
      entries: (Ledger['entries'][number] & { prompt_sha256: string })[];
    }>('GET', 'ledger');
    const hash = createHash('sha256').update(prompt).digest('hex');
    return entries.filter((entry) => entry.prompt_sha256 === hash);
  };

  test('returns two pictures, byte for byte as the provider sent them', async () => {
    for (const { name, client } of clients) {
      const prompt = `two boats by ${name}`;
      const answer = await client.images.generate({
        model: 'gpt-image-2',
        prompt,
        n: 2,
        size: '1024x1024',
        quality: 'low',
        background: 'opaque',
        output_format: 'jpeg',
        output_compression: 80,
        moderation: 'low',
        safety_identifier: 'somebody',
        stream: null,
      });
      const [call, ...others] = await calls(prompt);
      expect(others, name).toEqual([]);
      expect(
        answer.data?.map((image) => sha256(image.b64_json)),
        name,
      ).toEqual(call?.image_sha256);
      expect(answer, name).toMatchObject({
        background: 'opaque',
        output_format: 'jpeg',
        quality: 'low',
        usage: call?.usage,
      });
      expect(answer.size, name).toMatch(/^\d+x\d+$/);
      expect(answer.created, name).toBeGreaterThan(1_700_000_000);
      expect(Object.keys(answer.data?.[0] ?? {}), name).toEqual(['b64_json']);
    }
  });

  test('returns the options that the provider chose when none was requested', async () => {
    const { client } = clients[0]!;
    const expected = { background: 'opaque', output_format: 'png', quality: 'medium' };
    expect(await client.images.generate({ prompt: 'as it likes' })).toMatchObject(expected);
    for await (const event of await client.images.generate({ prompt: 'as it likes', stream: true }))
      expect(event).toMatchObject(expected);
  });

  test('returns a URL instead of the bytes on request', async () => {
    const { client } = clients[0]!;
    const legacy: object = { response_format: 'url' };
    const answer = await client.images.generate({ prompt: 'an address', ...legacy });
    const picture = await fetch(answer.data?.[0]?.url ?? '');
    const [call] = await calls('an address');
    expect([sha256(Buffer.from(await picture.arrayBuffer()).toString('base64'))]).toEqual(
      call?.image_sha256,
    );
  });

  test('streams partial images as the provider sends them, and then the picture', async () => {
    for (const { name, client } of clients) {
      await kiln.control('PATCH', 'settings', { gate: true });
      const prompt = `a stream by ${name}`;
      const stream = await client.images.generate({
        model: 'gpt-image-2',
        prompt,
        stream: true,
        partial_images: 3,
        quality: 'low',
        output_format: 'jpeg',
      });
      const events: ImageGenStreamEvent[] = [];
      for await (const event of stream) {
        events.push(event);
        // Release the picture after its last preview was received, to show that previews come
        // before it.
        if (events.length === 3) await kiln.control('PATCH', 'settings', { gate: false });
      }
      const [call, ...others] = await calls(prompt);
      expect(others, name).toEqual([]);
      expect(call?.partial_images, name).toBe(3);
      expect(events, name).toMatchObject([
        ...[0, 1, 2].map((index) => ({
          type: 'image_generation.partial_image',
          partial_image_index: index,
          quality: 'low',
          size: 'auto',
          background: 'auto',
          output_format: 'jpeg',
        })),
        {
          type: 'image_generation.completed',
          quality: 'low',
          output_format: 'jpeg',
          usage: call?.usage,
        },
      ]);
      expect(sha256(events.at(-1)?.b64_json), name).toBe(call?.image_sha256[0]);
      expect(new Set(events.map(({ b64_json: picture }) => picture)).size, name).toBe(4);
    }
  });

  test('streams the picture alone when no partial images were requested', async () => {
    const stream = await clients[0]!.client.images.generate({ prompt: 'none', stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_generation.completed']);
  });

  test('a refusal by the provider is thrown as an error class of the SDK', async () => {
    for (const { name, client } of clients) {
      await kiln.control('POST', 'faults', { fault: 'openai moderation' });
      const error = await client.images
        .generate({ model: 'gpt-image-2', prompt: 'something bad' })
        .catch((thrown: unknown) => thrown);
      expect(error, name).toBeInstanceOf(BadRequestError);
      expect(error, name).toMatchObject({
        code: 'moderation_blocked',
        type: 'image_generation_user_error',
        message: expect.stringMatching(/job_.*safety system.*stage output, violence/) as string,
      });
      expect((error as APIError).headers?.get('x-should-retry'), name).toBe('false');
    }
  });

  test('a refusal by Kiln is thrown as an error class of the SDK', async () => {
    const [openai, , azure] = clients.map(({ client }) => client);
    const typo: object = { styel: 'vivid' };
    await expect(openai?.images.generate({ prompt: '' })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'prompt',
    });
    await expect(
      azure?.images.generate({ prompt: 'a boat', size: '1000x1000' }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'size',
    });
    await expect(openai?.images.generate({ prompt: 'a boat', ...typo })).rejects.toMatchObject({
      status: 400,
      code: 'unknown_parameter',
      param: 'styel',
    });
    await expect(
      openai?.images.generate({ prompt: 'a boat', stream: true, n: 2 }),
    ).rejects.toMatchObject({
      status: 400,
      param: 'n',
    });
    const elsewhere = new AzureOpenAI({
      apiKey: 'none',
      endpoint: kiln.url,
      apiVersion,
      deployment: 'gpt-imagine-2',
      maxRetries: 0,
    });
    const error = await elsewhere.images
      .generate({ prompt: 'a boat' })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ code: 'DeploymentNotFound' });
  });

  test('a stream whose job fails ends with its error', async () => {
    await kiln.control('POST', 'faults', { fault: 'openai moderation' });
    const stream = await clients[0]!.client.images.generate({ prompt: 'bad', stream: true });
    const read = (async () => {
      for await (const event of stream) expect(event).toBeUndefined();
    })();
    await expect(read).rejects.toBeInstanceOf(APIError);
    await expect(read).rejects.toMatchObject({ code: 'moderation_blocked' });
  });
});
