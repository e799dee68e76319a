/** Which provider the environment configures, and how it is called. */
import { parseConfig } from '@kiln/shared/config';
import { configuredProvider } from '@kiln/shared/config/deployments';
import { describe, expect, test } from 'vitest';
import { azure, base, problemsOf } from './environments.ts';
import type { Environment } from '@kiln/shared/config/environment';

describe('providers', () => {
  test('Azure, by the variable names of its sample', () => {
    expect(parseConfig(azure).deployments).toEqual([
      {
        name: 'default',
        pool: 'default',
        provider: 'azure',
        model: 'gpt-image-2',
        defaultModel: 'gpt-image-2',
        baseUrl: 'https://mine.openai.azure.com/openai',
        apiKey: 'azure-key',
        azure: {
          deployment: 'gpt-image-2',
          apiVersion: '2025-04-01-preview',
        },
        stream: null,
        responseFormat: null,
        imageHosts: [],
      },
    ]);
  });

  test.each([
    ['off', null],
    ['0', { partialImages: 0 }],
    ['3', { partialImages: 3 }],
  ])('KILN_STREAM_PARTIAL_IMAGES=%s', (value, stream) => {
    for (const environment of [base, azure])
      expect(
        parseConfig({ ...environment, KILN_STREAM_PARTIAL_IMAGES: value }).deployments,
      ).toMatchObject([{ stream }]);
  });

  test('Azure, by the variable names of the SDK; those of the sample take precedence', () => {
    const sdk = {
      AZURE_OPENAI_API_KEY: 'sdk-key',
      AZURE_OPENAI_ENDPOINT: 'https://sdk.openai.azure.com',
    };
    const { AZURE_OPENAI_API_IMAGE_MODEL, DATABASE_URL } = azure;
    const [deployment] = parseConfig({
      ...sdk,
      AZURE_OPENAI_API_IMAGE_MODEL,
      DATABASE_URL,
      AZURE_OPENAI_API_VERSION: '2026-01-01',
    }).deployments;
    expect(deployment).toMatchObject({
      apiKey: 'sdk-key',
      baseUrl: 'https://sdk.openai.azure.com/openai',
      azure: { apiVersion: '2026-01-01' },
    });
    expect(parseConfig({ ...sdk, ...azure }).deployments[0]).toMatchObject({ apiKey: 'azure-key' });
  });

  test.each([
    [
      'as the portal shows it',
      'https://mine.openai.azure.com/',
      'https://mine.openai.azure.com/openai',
    ],
    [
      'with /openai',
      'https://mine.openai.azure.com/openai/',
      'https://mine.openai.azure.com/openai',
    ],
    [
      'with /openai/v1',
      'https://mine.openai.azure.com/openai/v1/',
      'https://mine.openai.azure.com/openai',
    ],
    [
      'with the whole address of the deployment',
      'https://mine.openai.azure.com/openai/deployments/gpt-image-2/images/generations?api-version=2025-04-01-preview',
      'https://mine.openai.azure.com/openai',
    ],
    [
      'of another domain',
      'https://mine.cognitiveservices.azure.com/',
      'https://mine.cognitiveservices.azure.com/openai',
    ],
    [
      'behind a gateway',
      'https://gateway.example:8443/azure/openai/deployments/x',
      'https://gateway.example:8443/azure/openai',
    ],
    [
      'behind a gateway, without a path to Azure',
      'http://gateway.example/azure//',
      'http://gateway.example/azure/openai',
    ],
  ])('an endpoint %s', (_what, endpoint, baseUrl) => {
    const { deployments } = parseConfig({ ...azure, AZURE_OPENAI_API_IMAGE_ENDPOINT: endpoint });
    expect(deployments[0]?.baseUrl).toBe(baseUrl);
  });

  test.each([
    ['AZURE_OPENAI_API_IMAGE_ENDPOINT', /an Azure key is/],
    ['AZURE_OPENAI_API_IMAGE_MODEL', /name of the Azure deployment/],
  ])('Azure without %s', (name, expected) => {
    const problems = problemsOf({ ...azure, [name]: '' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} is not set`));
    expect(problems[0]).toMatch(expected);
  });

  test('Azure without a key uses Microsoft Entra ID', () => {
    expect(parseConfig({ ...azure, AZURE_OPENAI_API_IMAGE_KEY: '' }).deployments).toMatchObject([
      { provider: 'azure', apiKey: null },
    ]);
  });

  test('OpenAI and compatible servers are called at their base URL', () => {
    const { DATABASE_URL } = base;
    expect(parseConfig({ DATABASE_URL, OPENAI_API_KEY: 'sk' }).deployments).toMatchObject([
      {
        name: 'default',
        provider: 'openai',
        model: null,
        baseUrl: 'https://api.openai.com/v1',
        apiKey: 'sk',
        azure: null,
      },
    ]);
    const own = { DATABASE_URL, OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: 'https://own.example/v1//' };
    expect(parseConfig(own).deployments[0]?.baseUrl).toBe('https://own.example/v1');
  });

  test('a real provider takes precedence over the simulator, and Azure over OpenAI', () => {
    const both = { ...base, OPENAI_API_KEY: 'sk' };
    expect(parseConfig(both).deployments).toMatchObject([{ name: 'default', provider: 'openai' }]);
    expect(parseConfig({ ...both, ...azure }).deployments).toMatchObject([
      { name: 'default', provider: 'azure' },
    ]);
  });

  test.each<[Environment, 'azure' | 'openai' | null]>([
    [{}, null],
    [{ OPENAI_API_KEY: ' ', AZURE_OPENAI_API_KEY: '' }, null],
    [{ OPENAI_API_KEY: 'sk' }, 'openai'],
    [{ AZURE_OPENAI_API_IMAGE_KEY: 'key', OPENAI_API_KEY: 'sk' }, 'azure'],
    [{ AZURE_OPENAI_ENDPOINT: 'https://mine' }, 'azure'],
    [{ KILN_SIMULATOR_URL: 'http://127.0.0.1' }, null],
  ])('%o selects the API of %s', (environment, provider) => {
    expect(configuredProvider(environment)).toBe(provider);
  });
});
