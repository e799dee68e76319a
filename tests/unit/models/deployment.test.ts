/** From which addresses a deployment's pictures may be fetched. */
import {
  deploymentDefaults,
  mayFetchPicture,
  type Deployment,
} from '@kiln/shared/models/deployment';
import { expect, test } from 'vitest';

const deployment: Deployment = {
  ...deploymentDefaults,
  name: 'own',
  pool: 'own',
  provider: 'openai',
  model: null,
  defaultModel: 'gpt-image-2',
  baseUrl: 'http://own.example:9000/v1',
  apiKey: 'k',
  azure: null,
  stream: null,
  imageHosts: ['pictures.example', 'cdn.example:8443', '*.blob.example'],
};

test.each([
  ['http://own.example:9000/a.png', true],
  ['https://own.example:9000/a.png', false],
  ['http://own.example/a.png', false],
  ['https://pictures.example/a.png?sig=1', true],
  ['http://pictures.example/a.png', false],
  ['https://pictures.example:444/a.png', false],
  ['https://pictures.example.org/a.png', false],
  ['https://a.pictures.example/a.png', false],
  ['https://cdn.example:8443/a.png', true],
  ['https://cdn.example/a.png', false],
  ['https://a.b.blob.example/a.png', true],
  ['https://blob.example/a.png', false],
  ['https://evilblob.example/a.png', false],
  ['file:///etc/passwd', false],
])('a picture at %s may be fetched: %s', (address, allowed) => {
  expect(mayFetchPicture(deployment, new URL(address))).toBe(allowed);
});
