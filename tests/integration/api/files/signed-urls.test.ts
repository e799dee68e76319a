/**
 * `KILN_SIGNED_URLS=on`: downloads are redirected to the store, with the same bytes and headers.
 */
import { createHash } from 'node:crypto';
import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { remoteStores, useKeysOf } from '../../../support/stores/object-stores.ts';
import { createTestBucket } from '../../../support/stores/test-stores.ts';
import { engineNamed } from '../support.ts';

const sha256 = async (response: Response) =>
  createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');

async function makeImage(kiln: TestKiln, body: Record<string, unknown> = {}) {
  const { id } = await kiln.submit(body);
  const { images } = await kiln.ended(id);
  return {
    path: `/v1/jobs/${id}/images/0`,
    name: `${id}-0.png`,
    sha256: images[0]?.sha256,
    bytes: images[0]?.bytes,
  };
}

describe.each(remoteStores)('objects in %s', (name) => {
  const place = createTestBucket(name);
  const start = () => {
    const env = place?.environment() ?? { STORAGE_URL: '' };
    useKeysOf(env);
    return startKiln({ engine: engineNamed('postgres'), env: { ...env, KILN_SIGNED_URLS: 'on' } });
  };

  test('a picture is redirected whole or in part; HEAD and 304 come from the API', async () => {
    const kiln = await start();
    const image = await makeImage(kiln);
    const redirect = await kiln.request(image.path, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('cache-control')).toBe('no-store');
    expect(new URL(redirect.headers.get('location') ?? '').origin).toBe(place?.serverUrl);

    const whole = await kiln.request(image.path, { headers: { authorization: 'Bearer of-kiln' } });
    expect(whole.headers.get('content-type')).toBe('image/png');
    expect(whole.headers.get('content-disposition')).toBe(`inline; filename="${image.name}"`);
    expect(await sha256(whole)).toBe(image.sha256);
    const download = await kiln.request(`${image.path}?download=1`);
    expect(download.headers.get('content-disposition')).toBe(
      `attachment; filename="${image.name}"`,
    );
    const part = await kiln.request(image.path, { headers: { range: 'bytes=0-3' } });
    expect(part.status).toBe(206);
    expect(
      Buffer.from(await part.arrayBuffer())
        .subarray(1)
        .toString(),
    ).toBe('PNG');

    const head = await kiln.request(image.path, { method: 'HEAD', redirect: 'manual' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(image.bytes));
    const etag = head.headers.get('etag') ?? '';
    const known = await kiln.request(image.path, {
      headers: { 'if-none-match': etag },
      redirect: 'manual',
    });
    expect(known.status).toBe(304);
  });

  test('an SVG comes through the API with its security policy; a file keeps its name', async () => {
    const kiln = await start();
    const svg = await makeImage(kiln, { output_format: 'svg', model: 'gpt-image-2.5-flare' });
    const answer = await kiln.request(svg.path, { redirect: 'manual' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');

    const body = new FormData();
    body.set('purpose', 'batch');
    body.set('file', new File(['prompt\nA boat\n'], 'prompts – Entwürfe.csv'));
    const { id } = (await (await kiln.request('/v1/files', { method: 'POST', body })).json()) as {
      id: string;
    };
    const redirect = await kiln.request(`/v1/files/${id}/content`, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const content = await kiln.request(`/v1/files/${id}/content`);
    expect(await content.text()).toBe('prompt\nA boat\n');
    expect(content.headers.get('content-disposition')).toContain(
      "filename*=UTF-8''prompts%20%E2%80%93",
    );
  });
});

test("callers that cannot follow a redirect get the bytes: Azure's and web pages", async () => {
  const place = createTestBucket('s3');
  const env = place?.environment() ?? { STORAGE_URL: '' };
  useKeysOf(env);
  const kiln = await startKiln({
    engine: engineNamed('postgres'),
    env: { ...env, KILN_SIGNED_URLS: 'on' },
    workers: false,
  });
  const body = new FormData();
  body.set('purpose', 'batch');
  body.set('file', new File(['prompt\nA boat\n'], 'prompts.csv'));
  const { id } = (await (await kiln.request('/v1/files', { method: 'POST', body })).json()) as {
    id: string;
  };
  const statusOf = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await kiln.request(path, { headers, redirect: 'manual' });
    await answer.body?.cancel();
    return answer.status;
  };
  const path = `/v1/files/${id}/content`;
  expect(await statusOf(path, { authorization: 'Bearer key' })).toBe(302);
  expect(await statusOf(path, { 'api-key': 'key' })).toBe(200);
  expect(await statusOf(`/openai/files/${id}/content?api-version=1`)).toBe(200);
  expect(await statusOf(`/openai/v1/files/${id}/content`)).toBe(200);
  expect(await statusOf(path, { origin: kiln.url })).toBe(200);
  // A script of the studio, with `sec-fetch-mode: cors`, as this request has it.
  expect(await statusOf(path, { 'sec-fetch-site': 'same-origin' })).toBe(200);
  const azure = { endpoint: kiln.url, apiVersion: '2025-04-01-preview', maxRetries: 0 };
  for (const client of [
    new AzureOpenAI({ ...azure, apiKey: 'key' }),
    new AzureOpenAI({ ...azure, azureADTokenProvider: async () => 'token' }),
    new OpenAI({ apiKey: 'key', baseURL: `${kiln.url}/v1`, maxRetries: 0 }),
  ])
    expect(await (await client.files.content(id)).text()).toBe('prompt\nA boat\n');
});

test('a store of local files signs no URLs, so downloads come through the API', async () => {
  const kiln = await startKiln({
    engine: engineNamed('postgres'),
    env: { KILN_SIGNED_URLS: 'on' },
  });
  const image = await makeImage(kiln);
  const answer = await kiln.request(image.path, { redirect: 'manual' });
  expect(answer.status).toBe(200);
  expect(await sha256(answer)).toBe(image.sha256);
});
