import OpenAI, { AzureOpenAI } from 'openai';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { startSimulator, matching } from './support.ts';

const apiVersion = '2025-04-01-preview';

test('the OpenAI client draws a picture', async () => {
  const { url } = await startSimulator();
  const client = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
  const answer = await client.images.generate({
    model: 'gpt-image-2',
    prompt: 'a fox',
    n: 2,
    quality: 'low',
  });
  expect(answer).toMatchObject({
    background: 'opaque',
    output_format: 'png',
    quality: 'low',
    size: '1024x1024',
    usage: {
      input_tokens: 2,
      output_tokens: 392,
      total_tokens: 394,
      input_tokens_details: { text_tokens: 2, image_tokens: 0 },
      output_tokens_details: { image_tokens: 392, text_tokens: 0 },
    },
  });
  expect(answer.data).toHaveLength(2);
  expect(Object.keys(answer.data?.[0] ?? {})).toEqual(['b64_json']);
  const { format } = await sharp(
    Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64'),
  ).metadata();
  expect(format).toBe('png');
});

test('the Azure client draws a picture by deployment', async () => {
  const { url, ledger } = await startSimulator();
  const client = new AzureOpenAI({
    apiKey: 'key',
    endpoint: url,
    apiVersion,
    deployment: 'gpt-image-1.5',
    maxRetries: 0,
  });
  const answer = await client.images.generate({
    prompt: 'a fox',
    size: '1536x1024',
    output_format: 'jpeg',
  });
  expect(answer).toMatchObject({
    output_format: 'jpeg',
    quality: 'high',
    usage: { output_tokens: 6208 },
  });
  expect((await ledger()).entries).toMatchObject([
    { deployment: 'gpt-image-1.5', model: 'gpt-image-1.5' },
  ]);
});

test('the OpenAI client on Azure’s v1 path names the deployment in the body', async () => {
  const { url } = await startSimulator({ deployments: { images: 'gpt-image-1' } });
  const client = new OpenAI({ apiKey: 'key', baseURL: `${url}/openai/v1`, maxRetries: 0 });
  const answer = await client.images.generate({ model: 'images', prompt: 'a fox', quality: 'low' });
  expect(answer.usage?.output_tokens).toBe(272);
  await expect(client.images.generate({ model: 'other', prompt: 'a fox' })).rejects.toMatchObject({
    status: 404,
    code: 'DeploymentNotFound',
  });
});

test('errors reach both clients with their codes and a request id of their own', async () => {
  const { url } = await startSimulator();
  const azure = new AzureOpenAI({ apiKey: 'key', endpoint: url, apiVersion, maxRetries: 0 });
  // This client leaves the model in the body, which Azure's deployments refuse.
  await expect(
    azure.images.generate({ model: 'gpt-image-2', prompt: 'a fox' }),
  ).rejects.toMatchObject({
    status: 400,
    message: "400 The model 'gpt-image-2' does not exist.",
  });
  const openai = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
  const failures = await Promise.all(
    [1, 2].map(() =>
      openai.images
        .generate({ model: 'gpt-image-2', prompt: 'a fox', n: 11 })
        .catch((error: unknown) => error),
    ),
  );
  expect(failures[0]).toMatchObject({
    status: 400,
    code: 'integer_above_max_value',
    param: 'n',
    requestID: matching(/^req_/),
  });
  const ids = failures.map((error) => (error instanceof OpenAI.APIError ? error.requestID : null));
  expect(new Set(ids).size).toBe(2);
});
