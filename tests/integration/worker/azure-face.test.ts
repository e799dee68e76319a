/** An Azure deployment: its path, its version, its key, and no `model` in the body. */
import { expect, test } from 'vitest';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { engines } from '../../support/engines/engines.ts';
import { drawMask, drawPicture, toDataUrl } from '../../support/pictures/edit-pictures.ts';
import { postJson, startKiln } from '../../support/kiln.ts';
import { callAttemptsOf, callsOf, expectKept, sha256 } from './support.ts';

interface SeenRequest {
  url: string;
  headers: Record<string, unknown>;
  body: Record<string, unknown>;
}

/** Starts a second simulator that records every request. */
async function startAzure() {
  const simulator = await buildSimulator({
    rpm: 0,
    latencyMs: {
      min: 0,
      max: 0,
    },
    pictures: 'tiny' as const,
    key: 'azure-key',
    deployments: { 'pictures-eu': 'gpt-image-2' },
  });
  const seen: SeenRequest[] = [];
  simulator.addHook('preHandler', async (request) => {
    if (request.url.startsWith('/openai')) {
      seen.push({
        url: request.url,
        headers: request.headers,
        body: request.body as Record<string, unknown>,
      });
    }
  });
  const url = await simulator.listen({ port: 0, host: '127.0.0.1' });
  atEndOfFile(() => simulator.close());
  return { url, seen, ledger: simulator.simulator.ledger };
}

const imagesPath = '/openai/deployments/pictures-eu/images/generations';

/** Names the deployment by its URL, whose API version another variable overrides. */
const azureEnv = ({ url }: { url: string }) => ({
  AZURE_OPENAI_API_IMAGE_KEY: 'azure-key',
  AZURE_OPENAI_API_IMAGE_ENDPOINT: `${url}${imagesPath}?api-version=x`,
  AZURE_OPENAI_API_IMAGE_MODEL: 'pictures-eu',
  AZURE_OPENAI_API_VERSION: '2025-04-01-preview',
});

test('an Azure call has path, version and key of its deployment, and no model', async () => {
  const azure = await startAzure();
  const kiln = await startKiln({ engine: engines[0]!, env: azureEnv(azure) });
  const job = await kiln.ended(
    (await kiln.submit({ prompt: 'A lighthouse', quality: 'low', n: 2 })).id,
  );
  expect(job).toMatchObject({ status: 'succeeded', deployment: 'default', model: 'pictures-eu' });

  const [request, ...more] = azure.seen;
  expect(more).toEqual([]);
  expect(request!.url).toBe(
    '/openai/deployments/pictures-eu/images/generations?api-version=2025-04-01-preview',
  );
  expect(request!.headers).toMatchObject({ 'api-key': 'azure-key', 'x-kiln-job-id': job.id });
  expect(request!.headers).not.toHaveProperty('authorization');
  expect(request!.body).toEqual({ prompt: 'A lighthouse', quality: 'low', n: 2 });

  const [call] = azure.ledger.entries();
  await expectKept(kiln, job, call!.image_sha256);
  expect(await callAttemptsOf(kiln, job.id)).toMatchObject([
    { provider_request_id: call!.request_id, status: 'succeeded' },
  ]);
});

test('an edit on Azure goes to the deployment as a form, and its answer is kept', async () => {
  const azure = await startAzure();
  const kiln = await startKiln({ engine: engines[0]!, env: azureEnv(azure) });
  const [png, mask] = await Promise.all([drawPicture('png'), drawMask()]);
  const job = await kiln.ended(
    (
      await kiln.submit({
        images: [{ image_url: toDataUrl(png) }],
        mask: { image_url: toDataUrl(mask) },
      })
    ).id,
  );
  const [call] = azure.ledger.entries();
  expect(call).toMatchObject({
    route: '/openai/deployments/:deployment/images/edits',
    deployment: 'pictures-eu',
    source_sha256: [sha256(png)],
    mask_sha256: sha256(mask),
  });
  expect(azure.seen[0]!.url).toBe(
    '/openai/deployments/pictures-eu/images/edits?api-version=2025-04-01-preview',
  );
  await expectKept(kiln, job, call!.image_sha256);

  // Azure takes no WEBP, and there is no other deployment.
  const webp = toDataUrl(await drawPicture('webp'), 'image/webp');
  const refused = await postJson(`${kiln.url}/v1/jobs`, {
    prompt: 'A boat',
    images: [{ image_url: webp }],
  });
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'unsupported_parameter',
      param: 'images.0',
      message: 'images.0: received a webp; edits on Azure take png or jpeg',
    },
  });
  expect(azure.ledger.tally().calls).toBe(1);
});

test('a call to OpenAI has the model in its body, and a fault has a request id', async () => {
  const kiln = await startKiln({ engine: engines[0]! });
  await kiln.control('POST', 'faults', { fault: 'openai moderation' });
  const job = await kiln.ended((await kiln.submit()).id);
  const [call] = await callsOf(kiln, job.id);
  expect(call).toMatchObject({
    route: '/v1/images/generations',
    model: 'gpt-image-2',
    status: 400,
  });
  expect(await callAttemptsOf(kiln, job.id)).toMatchObject([
    { provider_request_id: call!.request_id, http_status: 400, status: 'rejected' },
  ]);
});
