/** Names that Azure's callers send: a configured deployment, its name at Azure, or a model. */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import {
  resolveModel,
  resolveDeploymentModel,
} from '@kiln/shared/services/image-requests/served-model';
import { expect, test } from 'vitest';

const base = {
  ...deploymentDefaults,
  pool: 'p',
  apiKey: 'k',
  stream: null,
  defaultModel: 'gpt-image-2',
};
const deployments: Deployment[] = [
  {
    ...base,
    name: 'sweden',
    provider: 'azure',
    model: 'gpt-image-1.5',
    baseUrl: 'https://one',
    azure: { deployment: 'pictures', apiVersion: '1' },
  },
  // The name of this deployment is another one's model.
  {
    ...base,
    name: 'gpt-image-1.5',
    provider: 'azure',
    model: 'gpt-image-1-mini',
    baseUrl: 'https://two',
    azure: { deployment: 'mini', apiVersion: '1' },
  },
  {
    ...base,
    name: 'flare',
    provider: 'azure',
    model: 'gpt-image-2.5-flare',
    baseUrl: 'https://four',
    azure: { deployment: 'flare-at-azure', apiVersion: '1' },
  },
  {
    ...base,
    name: 'snapshot',
    provider: 'azure',
    model: 'gpt-image-2.5-flare-2026-09-08',
    baseUrl: 'https://five',
    azure: { deployment: 'snapshot', apiVersion: '1' },
  },
  // A deployment that kept the name of the model that it once had.
  {
    ...base,
    name: 'gpt-image-1',
    provider: 'azure',
    model: 'gpt-image-2',
    baseUrl: 'https://six',
    azure: { deployment: 'gpt-image-1', apiVersion: '1' },
  },
  {
    ...base,
    name: 'openai',
    provider: 'openai',
    model: null,
    baseUrl: 'https://three',
    azure: null,
  },
];

test.each([
  ['sweden', undefined, 'gpt-image-1.5'],
  ['pictures', undefined, 'gpt-image-1.5'],
  ['pictures', 'pictures', 'gpt-image-1.5'],
  ['pictures', 'gpt-image-1.5', 'gpt-image-1.5'],
  // A client that always sends the model of its own configuration, as LibreChat does.
  ['flare', 'gpt-image-2.5-flare', 'gpt-image-2.5-flare'],
  ['flare', 'gpt-image-2.5-flare-2026-09-08', 'gpt-image-2.5-flare'],
  ['flare', 'GPT-Image-2.5-Flare', 'gpt-image-2.5-flare'],
  ['snapshot', 'gpt-image-2.5-flare', 'gpt-image-2.5-flare-2026-09-08'],
  ['gpt-image-2.5-flare', 'gpt-image-2.5-flare-2026-09-08', 'gpt-image-2.5-flare'],
  ['gpt-image-1', 'gpt-image-1', 'gpt-image-2'],
  ['flare', 'gpt-image-1', null],
  ['flare', 'dall-e-3', null],
  ['gpt-image-1.5', undefined, 'gpt-image-1-mini'],
  ['gpt-image-1.5', 'gpt-image-1.5', 'gpt-image-1-mini'],
  ['mini', 'sweden', null],
  ['openai', undefined, 'gpt-image-2'],
  ['openai', 'gpt-image-2.5-flare', 'gpt-image-2.5-flare'],
  ['gpt-image-2', undefined, 'gpt-image-2'],
  ['gpt-imagine-2', undefined, null],
])('the path %s with the model %s means %s', (path, asked, model) => {
  if (model === null) expect(() => resolveDeploymentModel(deployments, path, asked)).toThrow(path);
  else expect(resolveDeploymentModel(deployments, path, asked)).toBe(model);
});

test.each([
  [undefined, undefined],
  ['sweden', 'gpt-image-1.5'],
  ['mini', 'gpt-image-1-mini'],
  ['openai', 'gpt-image-2'],
  ['gpt-imagine-2', 'gpt-imagine-2'],
])('the model %s means %s', (asked, model) => {
  expect(resolveModel(deployments, asked)).toBe(model);
});
