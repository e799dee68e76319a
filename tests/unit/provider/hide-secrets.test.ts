/** Secrets of a deployment in what its endpoint said. */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { hideSecrets } from '@kiln/shared/provider/hide-secrets';
import { expect, test } from 'vitest';

const deployment: Deployment = {
  ...deploymentDefaults,
  name: 'one',
  pool: 'one',
  provider: 'openai',
  model: null,
  defaultModel: 'gpt-image-2',
  baseUrl: 'https://a.example/v1',
  azure: null,
  stream: null,
  apiKey: 'sk-0123456789abcdef',
  query: { code: 'q+0123456789abc/==' },
};

function hidden(message: string): unknown {
  const fault = { class: 'unknown', code: 'provider_error', message, status: 500 } as const;
  const facts = { httpStatus: 500, providerRequestId: null, usage: null };
  return hideSecrets(deployment, { status: 'fault', fault, ...facts });
}

test.each([
  ['as they are', 'no such key: sk-0123456789abcdef', 'no such key: (hidden)'],
  [
    'in an address',
    'HTTP 302 leads to https://a.example/?code=q%2B0123456789abc%2F%3D%3D',
    'HTTP 302 leads to https://a.example/?code=(hidden)',
  ],
])('are hidden %s', (_name, said, message) => {
  expect(hidden(said)).toMatchObject({ fault: { message } });
});
