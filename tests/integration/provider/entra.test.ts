/**
 * Azure without a key: a token of Microsoft Entra ID on a machine with a managed identity, and what
 * happens when there is none.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { createProvider } from '@kiln/shared/provider/provider';
import { afterEach, expect, test, vi } from 'vitest';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { callOf } from './support.ts';

const token = 'a-token-of-entra';
const simulator = await buildSimulator({
  rpm: 0,
  latencyMs: { min: 0, max: 0 },
  pictures: 'tiny',
  key: token,
});
const url = await simulator.listen({ port: 0, host: '127.0.0.1' });
atEndOfFile(() => simulator.close());

/** Imitates the token endpoint of an App Service. */
const asked: string[] = [];
let isAllowed = true;
const identity = createServer((request, response) => {
  asked.push(request.url ?? '');
  response.writeHead(isAllowed ? 200 : 403, { 'content-type': 'application/json' }).end(
    JSON.stringify(
      isAllowed
        ? {
            access_token: token,
            expires_on: String(Math.floor(Date.now() / 1000) + 86_400),
            token_type: 'Bearer',
          }
        : { error: 'forbidden' },
    ),
  );
});
await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', resolve));
atEndOfFile(async () => {
  identity.close();
});

afterEach(() => {
  vi.unstubAllEnvs();
  asked.length = 0;
});

const deployment: Deployment = {
  ...deploymentDefaults,
  name: 'signed-in',
  pool: 'default',
  provider: 'azure',
  model: 'gpt-image-2',
  defaultModel: 'gpt-image-2',
  baseUrl: `${url}/openai`,
  apiKey: null,
  entra: { scope: 'https://cognitiveservices.azure.com/.default', authority: null },
  azure: { deployment: 'gpt-image-2', apiVersion: '2025-04-01-preview' },
  stream: null,
};

async function call(count = 1) {
  const provider = createProvider({ callTimeoutMs: 20_000, streamIdleMs: 20_000 });
  atEndOfFile(() => provider.close());
  const request = callOf({ request: { prompt: 'A small boat' } });
  const outcomes = [];
  for (let made = 0; made < count; made += 1)
    outcomes.push(await provider.call(deployment, request));
  return outcomes;
}

function signIn(): void {
  vi.stubEnv(
    'IDENTITY_ENDPOINT',
    `http://127.0.0.1:${(identity.address() as AddressInfo).port}/token`,
  );
  vi.stubEnv('IDENTITY_HEADER', 'the-header');
  // The SDK's own variable must not be used instead.
  vi.stubEnv('AZURE_OPENAI_API_KEY', 'another-key');
}

// This test runs first, because the library caches a token for the whole process.
test('without a token no call is made, and the deployment is paused', async () => {
  isAllowed = false;
  signIn();
  const calls = simulator.simulator.ledger.tally().calls;
  const [outcome] = await call();
  expect(outcome).toMatchObject({
    status: 'fault',
    httpStatus: null,
    fault: { class: 'refused', code: 'pool_paused_auth', owner: 'deployment' },
  });
  expect(outcome!.status === 'fault' && outcome!.fault.message).toMatch(
    /^no token from Microsoft Entra ID/,
  );
  expect(simulator.simulator.ledger.tally().calls).toBe(calls);
});

test('calls carry a token for Azure’s cognitive services, which is fetched once', async () => {
  isAllowed = true;
  signIn();
  const outcomes = await call(2);
  expect(outcomes).toMatchObject([{ status: 'images' }, { status: 'images' }]);
  expect(asked).toHaveLength(1);
  expect(decodeURIComponent(asked[0]!)).toContain('resource=https://cognitiveservices.azure.com');
});
