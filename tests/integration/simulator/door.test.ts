import { expect, test } from 'vitest';
import { readError, startSimulator, matching } from './support.ts';

const body = { prompt: 'a fox' };

test('wrong and missing keys are refused in each provider’s words without quota', async () => {
  const { generate, url, ledger } = await startSimulator({ key: 'right-key-of-ours', rpm: 6 });
  expect(await readError(await generate(body, { face: 'azure' }))).toMatchObject({
    status: 401,
    code: '401',
    message: matching(/^Access denied due to invalid subscription key or wrong API endpoint\./),
  });
  const wrong = await generate(body, { headers: { authorization: 'Bearer sk-wrong-key-1234' } });
  expect(await readError(wrong)).toMatchObject({
    status: 401,
    code: 'invalid_api_key',
    message: matching(/^Incorrect API key provided: sk-w\*+1234\./),
  });
  const none = await fetch(`${url}/v1/images/generations`, { method: 'POST', body: '{}' });
  expect(await readError(none)).toMatchObject({
    status: 401,
    message: matching(/^You didn't provide an API key\./),
  });
  const bearer = { authorization: 'Bearer right-key-of-ours' };
  expect((await generate(body, { face: 'azure-v1', headers: bearer })).status).toBe(200);
  expect((await ledger()).entries.map(({ took_quota }) => took_quota)).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

test('Azure requires an api-version and an existing deployment', async () => {
  const { url, generate } = await startSimulator({ deployments: { images: 'gpt-image-2' } });
  const init = {
    method: 'POST',
    headers: { 'api-key': 'key', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const path = `${url}/openai/deployments/images/images/generations`;
  expect(await readError(await fetch(path, init))).toMatchObject({
    status: 404,
    code: '404',
    message: 'Resource not found',
  });
  expect((await fetch(`${path}?api-version=2025-04-01-preview`, init)).status).toBe(200);
  expect(await readError(await generate(body, { face: 'azure' }))).toMatchObject({
    status: 404,
    code: 'DeploymentNotFound',
  });
});

test('an unknown URL is a 404 in each provider’s form', async () => {
  const { url } = await startSimulator();
  expect(
    await readError(await fetch(`${url}/openai/v1/images/variations`, { method: 'POST' })),
  ).toMatchObject({
    code: '404',
  });
  expect(
    await readError(await fetch(`${url}/v1/images/variations`, { method: 'POST' })),
  ).toMatchObject({
    status: 404,
    message: 'Invalid URL (POST /v1/images/variations)',
  });
});

test('a body that is not JSON is a 400 with a ledger entry', async () => {
  const { url, ledger } = await startSimulator();
  const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers,
    body: '{"prompt": ',
  });
  expect(await readError(response)).toMatchObject({ status: 400, type: 'invalid_request_error' });
  expect((await ledger()).entries).toMatchObject([
    { status: 400, prompt_sha256: null, paid: false, took_quota: true },
  ]);
});
