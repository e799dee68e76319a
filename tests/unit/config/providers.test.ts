/** Which provider the environment configures, and how it is called. */
import { parseConfig } from '@kiln/shared/config';
import { configuredProvider } from '@kiln/shared/config/deployments';
import { deploymentDefaults } from '@kiln/shared/models/deployment';
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
        ...deploymentDefaults,
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
      'with /openai/v1, which is another API',
      'https://mine.openai.azure.com/openai/v1/',
      'https://mine.openai.azure.com/openai/v1',
    ],
    [
      'with /openai/v1 and a request',
      'https://mine.openai.azure.com/openai/v1/images/generations',
      'https://mine.openai.azure.com/openai/v1',
    ],
    [
      'of another API of the resource, as the portal shows it',
      'https://mine.openai.azure.com/openai/responses?api-version=2025-04-01-preview',
      'https://mine.openai.azure.com/openai',
    ],
    [
      'of a project',
      'https://mine.services.ai.azure.com/api/projects/p/openai/v1',
      'https://mine.services.ai.azure.com/api/projects/p/openai/v1',
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
      'http://gateway.example/azure',
    ],
    [
      'whose last segment begins with openai',
      'https://gateway.example/team/openai-img',
      'https://gateway.example/team/openai-img',
    ],
    [
      'whose last segment ends with openai',
      'https://gateway.example/azure-openai/',
      'https://gateway.example/azure-openai',
    ],
    [
      'with /openai before the name of an API',
      'https://gateway.example/openai/west',
      'https://gateway.example/openai/west',
    ],
    [
      'with /openai twice',
      'https://gateway.example/openai/west/openai/deployments/x',
      'https://gateway.example/openai/west/openai',
    ],
    [
      'with a segment deployments of its own',
      'https://gateway.example/deployments/team/openai',
      'https://gateway.example/deployments/team/openai',
    ],
    [
      'behind a gateway, with the whole address of the deployment',
      'https://gateway.example/team/deployments/pictures/images/edits?api-version=1',
      'https://gateway.example/team',
    ],
    [
      'whose deployment is called openai',
      'https://mine.openai.azure.com/openai/deployments/openai',
      'https://mine.openai.azure.com/openai',
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
      { provider: 'azure', apiKey: null, entra: { authority: null } },
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

  test('the address of a deployment gives its name, api-version and parameters', () => {
    const address =
      'https://gw.example/openai/deployments/my%20pictures/images/generations?api-version=2026-01-01&code=c';
    const { AZURE_OPENAI_API_IMAGE_MODEL: _, ...rest } = azure;
    const given = { ...rest, AZURE_OPENAI_API_IMAGE_ENDPOINT: address, KILN_MODEL: 'gpt-image-2' };
    const config = parseConfig(given);
    expect(config.deployments).toMatchObject([
      {
        model: 'gpt-image-2',
        azure: { deployment: 'my pictures', apiVersion: '2026-01-01' },
        query: { code: 'c' },
      },
    ]);
    expect(config.warnings).toEqual([]);
    const both = parseConfig({
      ...given,
      AZURE_OPENAI_API_IMAGE_MODEL: 'others',
      AZURE_OPENAI_API_VERSION: '2025-04-01-preview',
    });
    expect(both.deployments).toMatchObject([
      { azure: { deployment: 'others', apiVersion: '2025-04-01-preview' } },
    ]);
    expect(both.warnings).toEqual([
      expect.stringMatching(
        /^AZURE_OPENAI_API_IMAGE_MODEL is "others".*names the deployment "my p/,
      ),
      expect.stringMatching(/^AZURE_OPENAI_API_VERSION is "2025-04-01-preview".*"2026-01-01"/),
    ]);
  });

  test('Azure at /openai/v1 is called as OpenAI, with the name of the deployment as model', () => {
    const { deployments } = parseConfig({
      ...azure,
      AZURE_OPENAI_API_IMAGE_ENDPOINT:
        'https://mine.openai.azure.com/openai/v1/?api-version=preview',
      AZURE_OPENAI_API_IMAGE_MODEL: 'pictures',
      AZURE_OPENAI_API_VERSION: '2025-04-01-preview',
      KILN_MODEL: 'gpt-image-2',
    });
    expect(deployments).toMatchObject([
      {
        provider: 'azure',
        model: 'gpt-image-2',
        sentModel: 'pictures',
        azure: null,
        query: { 'api-version': 'preview' },
      },
    ]);
  });

  describe('a deployment that is not called as its model', () => {
    const pictures = { ...azure, AZURE_OPENAI_API_IMAGE_MODEL: 'pictures' };

    test('is warned about at boot, because neither rules nor prices apply', () => {
      const config = parseConfig(pictures);
      expect(config.deployments).toMatchObject([{ model: 'pictures' }]);
      expect(config.warnings).toEqual([
        expect.stringMatching(
          /^AZURE_OPENAI_API_IMAGE_MODEL .* KILN_MODEL.* knows no model "pictures".*gpt-image-2/,
        ),
      ]);
    });

    test('gets its model from KILN_MODEL', () => {
      const config = parseConfig({ ...pictures, KILN_MODEL: 'gpt-image-1-mini' });
      expect(config.deployments).toMatchObject([
        {
          model: 'gpt-image-1-mini',
          defaultModel: 'gpt-image-1-mini',
          azure: { deployment: 'pictures' },
        },
      ]);
      expect(config.warnings).toEqual([]);
      expect(parseConfig({ ...pictures, KILN_MODEL: 'gpt-picture' }).warnings).toEqual([
        expect.stringMatching(/^KILN_MODEL is .*knows no model "gpt-picture"/),
      ]);
    });

    test('is no warning when it has the name of a model', () => {
      expect(parseConfig(azure).warnings).toEqual([]);
    });
  });

  test('KILN_MODEL is the model of OpenAI jobs that name none', () => {
    const { DATABASE_URL } = base;
    const openai = { DATABASE_URL, OPENAI_API_KEY: 'sk', KILN_MODEL: 'gpt-image-1-mini' };
    expect(parseConfig(openai).deployments).toMatchObject([
      { model: null, defaultModel: 'gpt-image-1-mini' },
    ]);
  });

  test.each([
    ['https://api.openai.com', 'https://api.openai.com/v1', {}],
    ['https://eu.api.openai.com/', 'https://eu.api.openai.com/v1', {}],
    ['https://api.openai.com/v1/images/generations', 'https://api.openai.com/v1', {}],
    [
      'http://own.example:4000/v1/?key=k&team=a',
      'http://own.example:4000/v1',
      { key: 'k', team: 'a' },
    ],
    ['http://own.example/images', 'http://own.example/images', {}],
  ])('OPENAI_BASE_URL %s is called at %s', (given, baseUrl, query) => {
    const { DATABASE_URL } = base;
    const config = parseConfig({ DATABASE_URL, OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: given });
    expect(config.deployments).toMatchObject([{ baseUrl, query }]);
    expect(config.warnings).toEqual([]);
  });

  test('an own server without a path is called there, which is a warning', () => {
    const { DATABASE_URL } = base;
    const { deployments, warnings } = parseConfig({
      DATABASE_URL,
      OPENAI_API_KEY: 'sk',
      OPENAI_BASE_URL: 'http://own.example:4000/',
    });
    expect(deployments).toMatchObject([{ baseUrl: 'http://own.example:4000' }]);
    expect(warnings).toEqual([expect.stringMatching(/^OPENAI_BASE_URL has no path.*4000\/v1$/)]);
  });

  test('the address of an Azure deployment, called as OpenAI, is a warning', () => {
    const { warnings } = parseConfig({
      DATABASE_URL: base.DATABASE_URL,
      OPENAI_API_KEY: 'sk',
      OPENAI_BASE_URL: 'https://mine.openai.azure.com/openai/deployments/pictures',
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^OPENAI_BASE_URL is the address of an Azure deployment.*azure/),
    ]);
  });

  test('a user in the address of an endpoint is refused, and not repeated', () => {
    const given = { ...azure, AZURE_OPENAI_API_IMAGE_ENDPOINT: 'https://me:secret@gw.example/x' };
    expect(problemsOf(given)).toEqual([
      expect.stringMatching(/^AZURE_OPENAI_API_IMAGE_ENDPOINT contains a user name/),
    ]);
    expect(problemsOf(given).join()).not.toContain('secret');
  });

  test.each([
    ['https://mine.openai.azure.com', 'https://cognitiveservices.azure.com/.default', null],
    [
      'https://mine.openai.azure.us',
      'https://cognitiveservices.azure.us/.default',
      'https://login.microsoftonline.us',
    ],
    [
      'https://mine.openai.azure.cn/openai/v1',
      'https://cognitiveservices.azure.cn/.default',
      'https://login.chinacloudapi.cn',
    ],
  ])('Entra ID for %s: scope %s, authority %s', (endpoint, scope, authority) => {
    const given = {
      ...azure,
      AZURE_OPENAI_API_IMAGE_KEY: '',
      AZURE_OPENAI_API_IMAGE_ENDPOINT: endpoint,
    };
    expect(parseConfig(given).deployments).toMatchObject([{ entra: { scope, authority } }]);
    const own = { KILN_ENTRA_SCOPE: 'api://gateway/.default', AZURE_AUTHORITY_HOST: 'https://own' };
    expect(parseConfig({ ...given, ...own }).deployments).toMatchObject([
      { entra: { scope: 'api://gateway/.default', authority: 'https://own' } },
    ]);
  });

  test('a scope or an authority that cannot be right is refused', () => {
    const given = {
      ...azure,
      AZURE_OPENAI_API_IMAGE_KEY: '',
      KILN_ENTRA_SCOPE: 'https://cognitiveservices.azure.us',
      AZURE_AUTHORITY_HOST: 'login.microsoftonline.us',
    };
    expect(problemsOf(given)).toEqual([
      expect.stringMatching(/^KILN_ENTRA_SCOPE is "https:\/\/cog.*followed by \/\.default/),
      expect.stringMatching(/^AZURE_AUTHORITY_HOST is "login.*must start with https:/),
    ]);
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
