/** The file that KILN_DEPLOYMENTS names: its fields, and the messages for its mistakes. */
import { parseConfig } from '@kiln/shared/config';
import { deploymentDefaults } from '@kiln/shared/models/deployment';
import { describe, expect, test } from 'vitest';
import { environmentOf, pools, west } from './deployments-environment.ts';
import { base, problemsOf } from './environments.ts';

const { DATABASE_URL } = base;

describe('a valid file', () => {
  test('in YAML, with every default', () => {
    const config = parseConfig({
      ...environmentOf(`
pools:
  - { name: west, rpm: 9 }
  - { name: open }
deployments:
  - name: west-2
    pool: west
    provider: azure
    model: gpt-image-2
    endpoint: https://west.openai.azure.com
    api_key_env: WEST_KEY
  - { name: anything, pool: open, provider: openai, api_key: sk-1 }
`),
      KILN_RPM: '4',
      KILN_STREAM_PARTIAL_IMAGES: '1',
    });
    expect(config.pools).toEqual([
      { name: 'west', rpm: 9, ipm: null, tpm: null },
      { name: 'open', rpm: 4, ipm: null, tpm: null },
    ]);
    expect(config.deployments).toEqual([
      {
        name: 'west-2',
        pool: 'west',
        provider: 'azure',
        model: 'gpt-image-2',
        defaultModel: 'gpt-image-2',
        baseUrl: 'https://west.openai.azure.com/openai',
        apiKey: 'west-key',
        azure: { deployment: 'gpt-image-2', apiVersion: '2025-04-01-preview' },
        stream: { partialImages: 1 },
        ...deploymentDefaults,
      },
      {
        name: 'anything',
        pool: 'open',
        provider: 'openai',
        model: null,
        defaultModel: 'gpt-image-2',
        baseUrl: 'https://api.openai.com/v1',
        apiKey: 'sk-1',
        azure: null,
        stream: { partialImages: 1 },
        ...deploymentDefaults,
      },
    ]);
  });

  test('in JSON, with every field, and a deployment that uses Entra ID', () => {
    const { api_key_env: _, ...signedIn } = west;
    const { deployments } = parseConfig(
      environmentOf({
        pools,
        deployments: [
          {
            ...signedIn,
            deployment: 'pictures',
            api_version: '2026-01-01',
            stream: { partial_images: 3 },
            response_format: 'b64_json',
            image_hosts: ['pictures.example', '*.blob.example:8443'],
          },
          {
            name: 'own',
            pool: 'west',
            provider: 'openai',
            endpoint: 'http://own:1/v1/',
            default_model: 'gpt-image-1-mini',
            api_key: 'k',
            stream: false,
          },
        ],
      }),
    );
    expect(deployments).toMatchObject([
      {
        apiKey: null,
        azure: { deployment: 'pictures', apiVersion: '2026-01-01' },
        stream: { partialImages: 3 },
        responseFormat: 'b64_json',
        imageHosts: ['pictures.example', '*.blob.example:8443'],
      },
      { model: null, defaultModel: 'gpt-image-1-mini', baseUrl: 'http://own:1/v1', stream: null },
    ]);
  });

  test('that names an unknown model is accepted with a warning', () => {
    const content = { pools, deployments: [{ ...west, model: 'pictures' }] };
    expect(parseConfig(environmentOf(content)).warnings).toEqual([
      expect.stringMatching(/deployments\.0\.model is set, and Kiln knows no model "pictures"/),
    ]);
  });

  test('takes precedence over the variables of a provider', () => {
    const environment = { ...environmentOf({ pools, deployments: [west] }), OPENAI_API_KEY: 'sk' };
    expect(parseConfig(environment).deployments).toMatchObject([{ name: 'west-2' }]);
  });
});

describe('the quota of a pool', () => {
  const quotaOf = (pool: object) => {
    const content = {
      pools: [{ name: 'open', ...pool }],
      deployments: [{ name: 'any', pool: 'open', provider: 'openai', api_key: 'sk-1' }],
    };
    const [{ name: _, ...quota } = { name: '' }] = parseConfig(environmentOf(content)).pools;
    return quota;
  };

  test.each([
    [{ ipm: 20 }, { rpm: null, ipm: 20, tpm: null }],
    [{ tpm: 90_000 }, { rpm: null, ipm: null, tpm: 90_000 }],
    [
      { rpm: 60, ipm: 100, tpm: 200_000 },
      { rpm: 60, ipm: 100, tpm: 200_000 },
    ],
    [{ openai_tier: 1 }, { rpm: null, ipm: 5, tpm: 100_000 }],
    [{ openai_tier: 3 }, { rpm: null, ipm: 50, tpm: 800_000 }],
    [
      { openai_tier: 5, ipm: 200 },
      { rpm: null, ipm: 200, tpm: 8_000_000 },
    ],
    [{}, { rpm: 6, ipm: null, tpm: null }],
  ])('of %o is %o', (pool, quota) => {
    expect(quotaOf(pool)).toEqual(quota);
  });
});

describe('a mistake is reported:', () => {
  test.each([
    [
      'a tier of OpenAI for a pool of Azure',
      { pools: [{ name: 'west', openai_tier: 2 }], deployments: [west] },
      /the pool "west" has openai_tier 2, but its deployment "west-2" is of provider azure/,
    ],
    [
      'a tier that OpenAI does not have',
      { pools: [{ name: 'west', openai_tier: 6 }], deployments: [west] },
      /pools\.0\.openai_tier: /,
    ],
    [
      'half an image',
      { pools: [{ name: 'west', ipm: 0.5 }], deployments: [west] },
      /pools\.0\.ipm: /,
    ],
    [
      'an unknown field',
      { pools, deployments: [{ ...west, modle: 'x' }] },
      /deployments\.0\.modle: is not a known field/,
    ],
    [
      'an undeclared pool',
      { pools, deployments: [west, { ...west, name: 'b', pool: 'east' }] },
      /deployments\.1\.pool: received "east"; the pools are west/,
    ],
    [
      'a pool without deployments',
      { pools: [...pools, { name: 'idle', rpm: 1 }], deployments: [west] },
      /the pool "idle" has no deployment/,
    ],
    [
      'two deployments of one name',
      { pools, deployments: [west, west] },
      /two deployments have the name "west-2"/,
    ],
    [
      'the name of the simulator',
      { pools, deployments: [{ ...west, name: 'simulator' }] },
      /deployments\.0\.name: "simulator" is reserved; choose another name/,
    ],
    [
      'a name that no queue could have',
      { pools: [{ name: 'a:b', rpm: 1 }], deployments: [west] },
      /pools\.0\.name: .*letters, digits/,
    ],
    [
      'a quota of zero',
      { pools: [{ name: 'west', rpm: 0 }], deployments: [west] },
      /pools\.0\.rpm: /,
    ],
    [
      'Azure without a model',
      { pools, deployments: [{ ...west, model: undefined }] },
      /deployments\.0\.model: is missing/,
    ],
    [
      'Azure without an endpoint',
      { pools, deployments: [{ ...west, endpoint: undefined }] },
      /deployments\.0\.endpoint: is missing/,
    ],
    [
      'an endpoint that is no URL',
      { pools, deployments: [{ ...west, endpoint: 'west' }] },
      /deployments\.0\.endpoint: .*https:\/\//,
    ],
    [
      'OpenAI without a key',
      { pools, deployments: [{ name: 'o', pool: 'west', provider: 'openai' }] },
      /deployments\.0\.api_key_env: is missing/,
    ],
    [
      'OpenAI with a field of Azure',
      {
        pools,
        deployments: [
          { name: 'o', pool: 'west', provider: 'openai', api_key: 'k', api_version: 'x' },
        ],
      },
      /deployments\.0\.api_version: is only allowed for provider azure/,
    ],
    [
      'a name that the endpoint knows, without the model behind it',
      {
        pools,
        deployments: [
          { name: 'o', pool: 'west', provider: 'openai', api_key: 'k', deployment: 'x' },
        ],
      },
      /deployments\.0\.deployment: needs model/,
    ],
    [
      'a key where none is used',
      { pools, deployments: [{ ...west, auth: 'entra' }] },
      /deployments\.0\.auth: is "entra", but there is a key as well/,
    ],
    [
      'an api-version as a parameter',
      { pools, deployments: [{ ...west, query: { 'api-version': '1' } }] },
      /deployments\.0\.query\.api-version: is set by api_version/,
    ],
    [
      'a variable that is not set',
      { pools, deployments: [{ ...west, api_key_env: 'EAST_KEY' }] },
      /deployments\.0\.api_key_env: the variable EAST_KEY is not set/,
    ],
    [
      'an answer format that Kiln cannot ask for',
      { pools, deployments: [{ ...west, response_format: 'url' }] },
      /deployments\.0\.response_format: received "url"; .*b64_json.*none/,
    ],
    ...['https://pictures.example', 'pictures.example/a', 'a.*.example', '', 'EXAMPLE.com'].map(
      (host): [string, unknown, RegExp] => [
        `"${host}" as a host of pictures`,
        { pools, deployments: [{ ...west, image_hosts: [host] }] },
        /deployments\.0\.image_hosts\.0: .*must be a host name/,
      ],
    ),
    ['an empty file', '', /the file: is missing/],
    ['invalid YAML', 'pools: [', /KILN_DEPLOYMENTS, /],
  ])('%s', (_, content, expected) => {
    const problems = problemsOf(environmentOf(content));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
    expect(problems[0]).toMatch(/^KILN_DEPLOYMENTS, \//);
  });

  test('a missing file', () => {
    expect(problemsOf({ DATABASE_URL, KILN_DEPLOYMENTS: '/nowhere/d.yaml' })).toEqual([
      expect.stringMatching(/^KILN_DEPLOYMENTS, \/nowhere\/d\.yaml: ENOENT/),
    ]);
  });

  test('no key is ever repeated', () => {
    for (const content of [
      { pools, deployments: [{ ...west, api_key: 'sk-secret' }] },
      { pools, deployments: [{ ...west, api_key_env: undefined, api_key: ['sk-secret'] }] },
      { pools, deployments: [{ ...west, api_key_env: 'sk-secret' }] },
      { pools, deployments: [{ ...west, headers: { 'x-a': ['sk-secret'] } }] },
      { pools, deployments: [{ ...west, headers: 'sk-secret' }] },
      { pools, deployments: [{ ...west, headers: { 'x-a': 'sk-secret\n€' } }] },
      { pools, deployments: [{ ...west, query: { code: { a: 'sk-secret' } } }] },
      { pools, deployments: [{ ...west, endpoint: 'ftp://me:sk-secret@west?k=sk-secret' }] },
      { pools, deployments: [{ ...west, endpoint: 'me:sk-secret@west/?k=sk-secret' }] },
      'deployments:\n  - { api_key: sk-secret, x: [ }',
      'deployments: [{ api_key: "sk-secret }]',
    ]) {
      const said = problemsOf(environmentOf(content)).join('\n');
      expect(said).toMatch(/KILN_DEPLOYMENTS/);
      expect(said).not.toContain('sk-secret');
    }
  });
});
