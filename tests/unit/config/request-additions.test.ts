/** Headers and parameters that a deployment adds to its requests. */
import { parseConfig } from '@kiln/shared/config';
import { describe, expect, test } from 'vitest';
import { environmentOf, pools, west } from './deployments-environment.ts';
import { problemsOf } from './environments.ts';

describe('a deployment', () => {
  test('with headers and parameters from variables, for gateways', () => {
    const { api_key_env: _, ...open } = west;
    const { deployments, warnings } = parseConfig(
      environmentOf({
        pools,
        deployments: [
          {
            ...west,
            headers: { 'Ocp-Apim-Subscription-Key': '${WEST_KEY}', 'x-team': 7, 'X-Price': '$5' },
            query: { code: 'a-${WEST_KEY}' },
          },
          { ...open, name: 'key-in-braces', api_key: '${WEST_KEY}' },
          {
            ...open,
            name: 'gateway-only',
            auth: 'none',
            headers: { 'Ocp-Apim-Subscription-Key': '${WEST_KEY}' },
          },
          {
            name: 'helicone',
            pool: 'west',
            provider: 'openai',
            model: 'gpt-image-2',
            deployment: '@west/pictures',
            endpoint: 'https://oai.helicone.ai/v1',
            headers: { Authorization: 'Bearer ${WEST_KEY}', 'Helicone-Auth': 'Bearer ${WEST_KEY}' },
          },
        ],
      }),
    );
    expect(deployments).toMatchObject([
      {
        apiKey: 'west-key',
        entra: null,
        headers: { 'ocp-apim-subscription-key': 'west-key', 'x-team': '7', 'x-price': '$5' },
        query: { code: 'a-west-key' },
      },
      { apiKey: 'west-key', entra: null },
      { apiKey: null, entra: null, headers: { 'ocp-apim-subscription-key': 'west-key' } },
      {
        apiKey: null,
        model: 'gpt-image-2',
        sentModel: '@west/pictures',
        headers: { authorization: 'Bearer west-key', 'helicone-auth': 'Bearer west-key' },
      },
    ]);
    expect(warnings).toEqual([]);
  });

  test('that has headers and no key signs in with Entra ID as well, which is a warning', () => {
    const { api_key_env: _, ...open } = west;
    const content = { pools, deployments: [{ ...open, headers: { 'x-a': 'b' } }] };
    const { deployments, warnings } = parseConfig(environmentOf(content));
    expect(deployments).toMatchObject([{ entra: { authority: null } }]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^KILN_DEPLOYMENTS, .*: deployments\.0\.auth: is not set, so Kiln also/,
      ),
    ]);
    const said = { pools, deployments: [{ ...open, auth: 'entra', headers: { 'x-a': 'b' } }] };
    expect(parseConfig(environmentOf(said)).warnings).toEqual([]);
  });
});

describe('a mistake is reported:', () => {
  test.each<[string, unknown, RegExp]>([
    ...[
      'Host',
      'content-length',
      'Content-Type',
      'transfer-encoding',
      'proxy-authorization',
      'accept-encoding',
      'x-kiln-job-id',
    ].map((header): [string, unknown, RegExp] => [
      `the header ${header}`,
      { pools, deployments: [{ ...west, headers: { [header]: 'x' } }] },
      new RegExp(`deployments\\.0\\.headers\\.${header}: is set by .*; leave it out`),
    ]),
    [
      'a header with spaces in its name',
      { pools, deployments: [{ ...west, headers: { 'a b': 'x' } }] },
      /deployments\.0\.headers\.a b: is not the name of a header/,
    ],
    [
      'a header with a line break',
      { pools, deployments: [{ ...west, headers: { 'x-a': 'one\ntwo' } }] },
      /deployments\.0\.headers\.x-a: has an empty value, or one with characters/,
    ],
    [
      'a header that is given twice',
      { pools, deployments: [{ ...west, headers: { 'x-a': '1', 'X-A': '2' } }] },
      /deployments\.0\.headers\.X-A: is given twice/,
    ],
    [
      'a header with a variable that is not set',
      { pools, deployments: [{ ...west, headers: { 'x-a': 'Bearer ${EAST_KEY}' } }] },
      /deployments\.0\.headers\.x-a: the variable EAST_KEY is not set/,
    ],
    [
      'a header with a variable without braces',
      { pools, deployments: [{ ...west, headers: { 'x-a': '$WEST_KEY' } }] },
      /deployments\.0\.headers\.x-a: names a variable without braces; write it as \$\{NAME\}/,
    ],
    [
      'a header that is an object',
      { pools, deployments: [{ ...west, headers: { 'x-a': { env: 'WEST_KEY' } } }] },
      /deployments\.0\.headers\.x-a: .*must be text, in which \$\{NAME\} stands for/,
    ],
    [
      'a key with a variable that is not set',
      { pools, deployments: [{ ...west, api_key_env: undefined, api_key: '${EAST_KEY}' }] },
      /deployments\.0\.api_key: the variable EAST_KEY is not set/,
    ],
    [
      'a header with a variable that does not end',
      { pools, deployments: [{ ...west, headers: { 'x-a': '${WEST_KEY' } }] },
      /deployments\.0\.headers\.x-a: has "\$\{" without "\}"/,
    ],
    [
      'the header of the key beside a key',
      { pools, deployments: [{ ...west, headers: { 'api-key': 'x' } }] },
      /deployments\.0\.auth: is "key", which sets the header api-key, and the headers set it/,
    ],
    [
      'an authorization beside the key of OpenAI',
      {
        pools,
        deployments: [
          {
            name: 'o',
            pool: 'west',
            provider: 'openai',
            api_key: 'k',
            headers: { Authorization: 'Basic x' },
          },
        ],
      },
      /deployments\.0\.auth: is "key", which sets the header authorization/,
    ],
  ])('%s', (_, content, expected) => {
    expect(problemsOf(environmentOf(content))).toEqual([expect.stringMatching(expected)]);
  });
});
