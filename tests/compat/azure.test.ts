/**
 * Requests of `AzureOpenAI` other than images: models, files and batches, with `api-version` and an
 * `api-key` header.
 */
import OpenAI, { AuthenticationError, AzureOpenAI, NotFoundError, toFile } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';

const apiVersion = '2025-04-01-preview';

describe('OpenAI and AzureOpenAI with an API key', () => {
  let kiln: TestKiln;
  let clients: { name: string; client: OpenAI }[];
  const clientsWith = (apiKey: string) => [
    { name: 'OpenAI', client: new OpenAI({ apiKey, baseURL: `${kiln.url}/v1`, maxRetries: 0 }) },
    {
      name: 'OpenAI at /openai/v1',
      client: new OpenAI({ apiKey, baseURL: `${kiln.url}/openai/v1`, maxRetries: 0 }),
    },
    {
      name: 'AzureOpenAI',
      client: new AzureOpenAI({ apiKey, endpoint: kiln.url, apiVersion, maxRetries: 0 }),
    },
    {
      name: 'AzureOpenAI with a deployment',
      client: new AzureOpenAI({
        apiKey,
        endpoint: kiln.url,
        apiVersion,
        deployment: 'simulator',
        maxRetries: 0,
      }),
    },
  ];
  beforeAll(async () => {
    kiln = await startKiln({
      engine: engines[0]!,
      env: { KILN_API_KEYS: 'the-key-that-is-right' },
    });
    clients = clientsWith('the-key-that-is-right');
  });

  test('a wrong key is refused', async () => {
    for (const { name, client } of clientsWith('wrong')) {
      const error = await client.images
        .generate({ model: 'gpt-image-2', prompt: 'a boat' })
        .catch((thrown: unknown) => thrown);
      expect(error, name).toBeInstanceOf(AuthenticationError);
    }
  });

  test('both list and retrieve models', async () => {
    for (const { name, client } of clients) {
      const ids: string[] = [];
      for await (const model of client.models.list()) ids.push(model.id);
      expect(ids, name).toContain('gpt-image-2');
      expect(await client.models.retrieve('gpt-image-2'), name).toMatchObject({
        id: 'gpt-image-2',
        object: 'model',
        owned_by: 'openai',
        deployments: ['simulator'],
        input_fidelity: [],
        usd_per_million_tokens: { out: 30 },
        qualities: ['auto', 'low', 'medium', 'high'],
      });
      const { parameters } = (await client.models.retrieve('gpt-image-1.5')) as {
        parameters?: string[];
      };
      expect(parameters, name).toEqual(
        expect.arrayContaining(['prompt', 'images', 'mask', 'input_fidelity']),
      );
      expect(parameters, name).not.toContain('markup');
      await expect(client.models.retrieve('gpt-imagine-2'), name).rejects.toBeInstanceOf(
        NotFoundError,
      );
    }
  });

  test('a deployment called by its configured name serves the model of the body', async () => {
    const { client } = clients[3]!;
    const answer = await client.images.generate({ model: 'gpt-image-1-mini', prompt: 'mini' });
    expect(answer.data).toHaveLength(1);
    const { entries } = await kiln.control<{ entries: { model: string }[] }>('GET', 'ledger');
    expect(entries.at(-1)).toMatchObject({ model: 'gpt-image-1-mini' });
  });

  test('a batch of an uploaded file completes, and its output file is read', async () => {
    for (const { name, client } of clients) {
      const line = {
        custom_id: '1',
        method: 'POST',
        url: '/v1/images/generations',
        body: { model: 'gpt-image-2', prompt: `a row by ${name}` },
      };
      const file = await client.files.create({
        purpose: 'batch',
        file: await toFile(Buffer.from(JSON.stringify(line)), 'rows.jsonl'),
      });
      expect((await client.files.list({ limit: 1 })).data[0]?.id, name).toBe(file.id);
      const { id } = await client.batches.create({
        input_file_id: file.id,
        endpoint: '/v1/images/generations',
        completion_window: '24h',
      });
      const batch = await waitFor(
        async () =>
          ((read) => read.status === 'completed' && read)(await client.batches.retrieve(id)),
        { what: `${id} to be completed` },
      );
      expect(batch.request_counts, name).toMatchObject({ total: 1, completed: 1 });
      const text = await (await client.files.content(batch.output_file_id!)).text();
      expect(JSON.parse(text), name).toMatchObject({
        custom_id: '1',
        response: { status_code: 200 },
      });
    }
  });
});
