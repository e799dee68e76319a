/** The response of the images API: its length, its order, its fields, and refused requests. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { callsFinished, engineNamed, readError, readJob } from '../support.ts';
import { generationsPath } from './image-callers.ts';

describe('the response', async () => {
  const kiln = await startKiln({ engine: engineNamed('redis') });

  test('states its exact length and has the pictures in order', async () => {
    const response = await postJson(`${kiln.url}${generationsPath}`, { prompt: 'three', n: 3 });
    const bytes = await buffer(response.body!);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    const { data } = JSON.parse(bytes.toString()) as { data: { b64_json: string }[] };
    const [entry] = (await callsFinished(kiln, 1)).entries;
    const hashes = data.map(({ b64_json: base64 }) =>
      createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
    );
    expect(hashes).toEqual(entry?.image_sha256);
  });

  test.each([
    ['partial_images', { partial_images: 1 }],
    ['n', { stream: true, n: 2 }],
    ['response_format', { stream: true, response_format: 'url' }],
    ['partial_images', { stream: true, partial_images: 4 }],
    ['priority', { priority: 'bulk' }],
    ['model', { model: 7 }],
    ['complexity', { complexity: 'low', provider_options: { complexity: 'high' } }],
  ])('names the field %s of a refused request', async (param, fields) => {
    const response = await postJson(`${kiln.url}${generationsPath}`, {
      prompt: 'never',
      ...fields,
    });
    expect(await readError(response)).toMatchObject({ status: 400, param });
  });

  test('fields newer than the model table go to the provider, with a warning', async () => {
    const response = await postJson(
      `${kiln.url}${generationsPath}`,
      { prompt: 'newer', complexity: 'low', metadata: { order: '17' }, n: null },
      { prefer: 'respond-async' },
    );
    expect(await readJob(response)).toMatchObject({
      request: { prompt: 'newer', provider_options: { complexity: 'low' } },
      metadata: { order: '17' },
      warnings: [{ code: 'simulator' }, { code: 'provider_options' }],
    });
  });

  test('the estimate includes requested partial images', async () => {
    const estimates = await Promise.all(
      [{}, { stream: true, partial_images: 3 }].map(async (fields) => {
        const body = { prompt: 'estimated', model: 'gpt-image-2', quality: 'low', ...fields };
        const job = await readJob(
          await postJson(`${kiln.url}${generationsPath}`, body, { prefer: 'respond-async' }),
        );
        return job.cost.estimated ?? 0;
      }),
    );
    expect(estimates[1]! - estimates[0]!).toBeCloseTo((300 * 30) / 1_000_000, 6);
  });
});
