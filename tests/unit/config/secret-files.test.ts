/** Secrets from files: `NAME_FILE` names a file with the value of `NAME`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@kiln/shared/config';
import { configuredProvider } from '@kiln/shared/config/deployments';
import { environmentSchema } from '@kiln/shared/config/environment';
import { readSecretFiles, secretVariables } from '@kiln/shared/config/secret-files';
import { afterAll, describe, expect, test } from 'vitest';
import { base, problemsOf } from './environments.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string, name = 'secret'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test.each(secretVariables)('%s can be in a file', (name) => {
  const problems: string[] = [];
  const path = fileWith('hunter2\n');
  expect(readSecretFiles({ [`${name}_FILE`]: path }, problems)).toMatchObject({
    [name]: 'hunter2',
  });
  expect(problems).toEqual([]);
});

test('every variable that may hold a secret can be in a file', () => {
  const mayHoldSecret =
    /KEYS?$|PASSWORD|SECRET|TOKEN|CONNECTION_STRING|PROXY$|^(DATABASE|REDIS)_URL$/;
  const names = Object.keys(environmentSchema.shape).filter(
    (name) => mayHoldSecret.test(name) && !['NO_PROXY', 'KILN_TRUST_PROXY'].includes(name),
  );
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !secretVariables.includes(name))).toEqual([]);
});

test('a configuration from files is the same as one from variables', () => {
  const direct = parseConfig({
    DATABASE_URL: 'postgres://kiln:hunter2@db/kiln',
    REDIS_URL: 'redis://:hunter3@cache',
    OPENAI_API_KEY: 'sk-hunter4',
    KILN_API_KEYS: 'first-key-of-sixteen,second-key-of-sixteen',
  });
  const fromFiles = parseConfig({
    DATABASE_URL_FILE: fileWith('postgres://kiln:hunter2@db/kiln\n', 'database'),
    REDIS_URL_FILE: fileWith('redis://:hunter3@cache', 'redis'),
    OPENAI_API_KEY_FILE: fileWith('\uFEFFsk-hunter4\r\n', 'openai'),
    KILN_API_KEYS_FILE: fileWith('first-key-of-sixteen\r\nsecond-key-of-sixteen\n', 'keys'),
    KILN_API_KEYS: '',
  });
  expect(fromFiles).toEqual(direct);
});

test('a key in a file chooses the provider', () => {
  expect(configuredProvider({ OPENAI_API_KEY_FILE: '/run/secrets/openai' })).toBe('openai');
  expect(configuredProvider({ AZURE_OPENAI_API_IMAGE_KEY_FILE: '/run/secrets/azure' })).toBe(
    'azure',
  );
});

test('the keys of the SDKs are given to the process', () => {
  const { sdkSecrets } = parseConfig({
    ...base,
    AWS_ACCESS_KEY_ID: 'in-the-environment',
    AWS_SECRET_ACCESS_KEY_FILE: fileWith('hunter2'),
  });
  expect(sdkSecrets).toEqual({ AWS_SECRET_ACCESS_KEY: 'hunter2' });
});

test('the keys that the file of deployments names can be in files', () => {
  const deployments = fileWith(
    JSON.stringify({
      pools: [{ name: 'one', rpm: 6 }],
      deployments: [
        {
          name: 'one',
          pool: 'one',
          provider: 'openai',
          api_key_env: 'SWEDEN_KEY',
          headers: { 'x-gateway': 'Bearer ${GATEWAY_KEY}' },
        },
      ],
    }),
    'deployments.json',
  );
  const environment = { DATABASE_URL: base.DATABASE_URL, KILN_DEPLOYMENTS: deployments };
  expect(
    parseConfig({
      ...environment,
      SWEDEN_KEY_FILE: fileWith('hunter2\n', 'sweden'),
      GATEWAY_KEY_FILE: fileWith('hunter3\n', 'gateway'),
    }).deployments,
  ).toMatchObject([{ apiKey: 'hunter2', headers: { 'x-gateway': 'Bearer hunter3' } }]);
  const nowhere = join(folder, 'nowhere');
  expect(problemsOf({ ...environment, SWEDEN_KEY_FILE: nowhere, GATEWAY_KEY: 'hunter3' })).toEqual([
    expect.stringMatching(/api_key_env: SWEDEN_KEY_FILE names .*nowhere.*ENOENT/),
  ]);
});

describe('a mistake is reported once, by the name of the variable, and without the value', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'both',
      { KILN_API_KEYS: 'hunter2-hunter2-hunter2', KILN_API_KEYS_FILE: fileWith('hunter2', 'both') },
      /^KILN_API_KEYS_FILE is set, and KILN_API_KEYS as well: remove one/,
    ],
    [
      'no file',
      { OPENAI_API_KEY_FILE: '/nowhere/key' },
      /^OPENAI_API_KEY_FILE names \/nowhere\/key, which cannot be read \(ENOENT\)$/,
    ],
    [
      'a folder',
      { REDIS_URL_FILE: folder },
      /^REDIS_URL_FILE names .*, which is no file but a folder, a pipe or a device$/,
    ],
    // Reading it would not end.
    [
      'a device',
      { OPENAI_API_KEY_FILE: '/dev/zero' },
      /^OPENAI_API_KEY_FILE names \/dev\/zero, which is no file but/,
    ],
    [
      'two keys of a provider, or a key and a note',
      { OPENAI_API_KEY_FILE: fileWith('sk-hunter2\nof the art team', 'noted') },
      /^OPENAI_API_KEY has a line break or another character that no key has/,
    ],
    [
      'an empty file',
      { HTTPS_PROXY_FILE: fileWith(' \n', 'empty') },
      /^HTTPS_PROXY_FILE names .*, which is empty$/,
    ],
    [
      'a large file',
      { DATABASE_PASSWORD_FILE: fileWith('hunter2'.repeat(20_000), 'large') },
      /^DATABASE_PASSWORD_FILE names .*, which has 140000 bytes; a secret has at most 65536/,
    ],
    [
      'a wrong value',
      { REDIS_URL_FILE: fileWith('http://hunter2', 'wrong') },
      /^REDIS_URL is not a URL that starts with redis:\/\//,
    ],
  ])('%s', (_what, variables, expected) => {
    const problems = problemsOf({ ...base, ...variables });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toContain('hunter2');
  });
});
