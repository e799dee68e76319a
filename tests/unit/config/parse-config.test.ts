/** The environment becomes the configuration, or every mistake in it is reported at once. */
import { resolve } from 'node:path';
import { parseConfig } from '@kiln/shared/config';
import { deploymentDefaults } from '@kiln/shared/models/deployment';
import { describe, expect, test } from 'vitest';
import { azure, base, problemsOf } from './environments.ts';
import { environmentSchema } from '@kiln/shared/config/environment';

test('defaults', () => {
  expect(parseConfig(base)).toEqual({
    port: 8080,
    host: '127.0.0.1',
    databaseUrl: base.DATABASE_URL,
    redisUrl: null,
    storage: { kind: 'file', folder: resolve('.data/objects') },
    signedUrls: false,
    studio: true,
    dataDir: '.data',
    dedupe: 'off',
    trashDays: 7,
    heartbeatFile: null,
    apiKeys: [],
    corsOrigins: [],
    allowedHosts: [],
    publicUrl: null,
    trustedProxies: { kind: 'none' },
    unknownOutcome: 'retry_once',
    maxAttempts: 5,
    callTimeoutMs: 300_000,
    streamIdleMs: 240_000,
    syncTimeoutMs: 280_000,
    syncMaxWaiting: 1_000,
    shutdownGraceMs: 330_000,
    leaseMs: 30_000,
    minuteMs: 60_000,
    keepResultsDays: null,
    keepFilesDays: null,
    minFreeBytes: 2_147_483_648,
    maxBatchRows: 100_000,
    keepEventsDays: 7,
    webhookAllow: [],
    webhookTimeoutMs: 15_000,
    webhookMinuteMs: 60_000,
    heavyRequests: 2,
    eventStreams: 2_000,
    eventStreamsPerCaller: 100,
    eventStallMs: 30_000,
    downloads: 100,
    downloadStallMs: 60_000,
    logLevel: 'info',
    pools: [
      {
        name: 'default',
        rpm: 6,
        ipm: null,
        tpm: null,
      },
    ],
    deployments: [
      {
        name: 'simulator',
        pool: 'default',
        provider: 'openai',
        model: null,
        defaultModel: 'gpt-image-2',
        baseUrl: 'http://127.0.0.1:9000/v1',
        apiKey: 'simulator',
        azure: null,
        stream: null,
        ...deploymentDefaults,
      },
    ],
    proxies: { http: null, https: null, exceptions: [] },
    sdkSecrets: {},
    warnings: [],
  });
});

test('every variable sets its field', () => {
  const config = parseConfig({
    ...base,
    PORT: '0',
    HOST: '::1',
    REDIS_URL: 'rediss://cache:6380/1',
    STORAGE_URL: 's3://bucket?region=eu-west-1',
    KILN_SIGNED_URLS: 'on',
    KILN_RPM: '0.5',
    KILN_UNKNOWN_OUTCOME: 'hold',
    KILN_MAX_ATTEMPTS: '3',
    KILN_CALL_TIMEOUT_MS: '60000',
    KILN_STREAM_PARTIAL_IMAGES: '1',
    KILN_STREAM_IDLE_MS: '30000',
    KILN_SHUTDOWN_GRACE_MS: '0',
    KILN_LEASE_MS: '5000',
    KILN_MINUTE_MS: '600',
    KILN_KEEP_RESULTS_DAYS: '30',
    KILN_EVENT_RETENTION: '1',
    KILN_EVENT_STREAMS: '50',
    KILN_EVENT_STREAMS_PER_CALLER: '5',
    KILN_EVENT_STALL_MS: '1000',
    KILN_API_KEYS: 'the-first-of-two-keys, the-second-of-two-keys,,',
    KILN_DOWNLOADS: '7',
    KILN_DOWNLOAD_STALL_MS: '2000',
    KILN_CORS_ORIGINS: 'https://Studio.example.com:443/, http://localhost:5173,',
    KILN_ALLOWED_HOSTS: 'kiln.internal, *.Example.com:8443',
    KILN_PUBLIC_URL: 'https://Kiln.example.com:443/images/',
    KILN_TRUST_PROXY: '2',
    KILN_DATA_DIR: '/var/kiln',
    KILN_HEARTBEAT_FILE: '/tmp/heartbeat',
    LOG_LEVEL: 'debug',
  });
  expect(config).toMatchObject({
    port: 0,
    host: '::1',
    redisUrl: 'rediss://cache:6380/1',
    storage: { kind: 's3', bucket: 'bucket', region: 'eu-west-1' },
    signedUrls: true,
    unknownOutcome: 'hold',
    maxAttempts: 3,
    callTimeoutMs: 60_000,
    streamIdleMs: 30_000,
    shutdownGraceMs: 0,
    leaseMs: 5_000,
    minuteMs: 600,
    keepResultsDays: 30,
    keepEventsDays: 1,
    eventStreams: 50,
    eventStreamsPerCaller: 5,
    eventStallMs: 1_000,
    apiKeys: ['the-first-of-two-keys', 'the-second-of-two-keys'],
    downloads: 7,
    downloadStallMs: 2_000,
    corsOrigins: ['https://studio.example.com', 'http://localhost:5173'],
    allowedHosts: [
      { name: 'kiln.internal', below: false, port: null },
      { name: 'example.com', below: true, port: '8443' },
    ],
    publicUrl: 'https://kiln.example.com/images',
    trustedProxies: { kind: 'hops', hops: 2 },
    dataDir: '/var/kiln',
    heartbeatFile: '/tmp/heartbeat',
    logLevel: 'debug',
    pools: [
      {
        name: 'default',
        rpm: 0.5,
        ipm: null,
        tpm: null,
      },
    ],
  });
});

test.each([
  [{}, { rpm: 6, ipm: null, tpm: null }],
  [{ KILN_IPM: '100' }, { rpm: null, ipm: 100, tpm: null }],
  [{ KILN_TPM: '200000' }, { rpm: null, ipm: null, tpm: 200_000 }],
  [
    { KILN_RPM: '60', KILN_IPM: '100', KILN_TPM: '200000' },
    { rpm: 60, ipm: 100, tpm: 200_000 },
  ],
])('%o is the quota %o', (variables, quota) => {
  expect(parseConfig({ ...base, ...variables }).pools).toEqual([{ name: 'default', ...quota }]);
});

test('objects are stored in the data folder; the grace period follows the call timeout', () => {
  expect(parseConfig({ ...base, KILN_DATA_DIR: '/data' }).storage).toEqual({
    kind: 'file',
    folder: resolve('/data/objects'),
  });
  expect(parseConfig({ ...base, KILN_CALL_TIMEOUT_MS: '600000' }).shutdownGraceMs).toBe(630_000);
});

test.each(Object.keys(environmentSchema.shape))(
  '%s: an empty or blank value counts as not set',
  (name) => {
    if (name === 'DATABASE_URL' || name === 'KILN_SIMULATOR_URL') {
      expect(problemsOf({ ...base, [name]: ' ' })).toEqual(
        problemsOf({ ...base, [name]: undefined }),
      );
      return;
    }
    expect(parseConfig({ ...base, [name]: '' })).toEqual(parseConfig(base));
    expect(parseConfig({ ...base, [name]: ' \t' })).toEqual(parseConfig(base));
  },
);

test('white space around a value is not part of it', () => {
  expect(parseConfig({ ...base, PORT: ' 9090 ', LOG_LEVEL: 'warn\n' })).toMatchObject({
    port: 9090,
    logLevel: 'warn',
  });
});

describe('mistakes', () => {
  test.each<[string, string, RegExp]>([
    ['PORT', '65536', /^PORT is "65536": .*65535/],
    ['PORT', 'http', /^PORT is "http": .*number/],
    ['PORT', '-1', /^PORT is "-1": /],
    [
      'DATABASE_URL',
      'mysql://db',
      /^DATABASE_URL is not a URL that starts with postgres:\/\/ or postgresql:\/\/$/,
    ],
    [
      'REDIS_URL',
      'localhost:6379',
      /^REDIS_URL is not a URL that starts with redis:\/\/ or rediss:\/\/$/,
    ],
    ['OPENAI_BASE_URL', 'api.openai.com', /^OPENAI_BASE_URL is not a URL/],
    [
      'KILN_SIMULATOR_URL',
      'https://simulator',
      /^KILN_SIMULATOR_URL is not a URL that starts with http:\/\/$/,
    ],
    ['AZURE_OPENAI_ENDPOINT', 'mine.openai.azure.com', /^AZURE_OPENAI_ENDPOINT is not a URL/],
    ['KILN_RPM', '0', /^KILN_RPM is "0": /],
    ['KILN_RPM', 'six', /^KILN_RPM is "six": /],
    [
      'KILN_UNKNOWN_OUTCOME',
      'never',
      /^KILN_UNKNOWN_OUTCOME is "never": .*retry_once.*hold.*retry/,
    ],
    ['KILN_MAX_ATTEMPTS', '0', /^KILN_MAX_ATTEMPTS is "0": /],
    ['KILN_MAX_ATTEMPTS', '2.5', /^KILN_MAX_ATTEMPTS is "2.5": /],
    ['KILN_CALL_TIMEOUT_MS', '999', /^KILN_CALL_TIMEOUT_MS is "999": .*1000/],
    ['KILN_STREAM_PARTIAL_IMAGES', '4', /^KILN_STREAM_PARTIAL_IMAGES is "4": .*"0".*"3".*"off"/],
    ['KILN_STREAM_IDLE_MS', '999', /^KILN_STREAM_IDLE_MS is "999": .*1000/],
    ['KILN_SHUTDOWN_GRACE_MS', '-1', /^KILN_SHUTDOWN_GRACE_MS is "-1": /],
    ['KILN_LEASE_MS', '999', /^KILN_LEASE_MS is "999": /],
    ['KILN_MINUTE_MS', '60001', /^KILN_MINUTE_MS is "60001": /],
    ['LOG_LEVEL', 'verbose', /^LOG_LEVEL is "verbose": .*debug/],
  ])('%s=%s', (name, value, expected) => {
    const problems = problemsOf({ ...base, [name]: value }).filter((problem) =>
      problem.startsWith(name),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test('are all reported at once, whatever their kind', () => {
    const problems = problemsOf({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      KILN_RPM: '-1',
      HOST: '0.0.0.0',
      AZURE_OPENAI_API_IMAGE_KEY: '<YOUR KEY>',
      AZURE_OPENAI_API_IMAGE_ENDPOINT: 'nowhere',
    });
    const names = problems.map((problem) => problem.split(' ')[0] ?? '');
    expect(names.toSorted()).toEqual(
      [
        'AZURE_OPENAI_API_IMAGE_ENDPOINT',
        'AZURE_OPENAI_API_IMAGE_KEY',
        'AZURE_OPENAI_API_IMAGE_MODEL',
        'DATABASE_URL',
        'HOST',
        'KILN_RPM',
        'LOG_LEVEL',
        'PORT',
      ].toSorted(),
    );
  });

  test('are counted and listed in one message', () => {
    expect(() => parseConfig({ ...base, PORT: 'x', KILN_RPM: 'x' })).toThrow(
      /^The configuration has 2 mistakes:\n {2}- PORT .*\n {2}- KILN_RPM /,
    );
    expect(() => parseConfig({ ...base, PORT: 'x' })).toThrow(
      /^The configuration has a mistake:\n {2}- PORT /,
    );
  });

  test('of an empty environment are the required variables', () => {
    expect(problemsOf({})).toEqual([
      'DATABASE_URL is not set',
      expect.stringMatching(
        /^no provider is configured: set the AZURE_OPENAI_API_IMAGE_… variables, OPENAI_API_KEY /,
      ),
    ]);
  });

  test.each<[string, string]>([
    ['DATABASE_URL', 'mysql://kiln:S3CRET@db'],
    ['DATABASE_URL', 'postgres://kiln:S3CRET@<your host>/kiln'],
    ['REDIS_URL', 'http://:S3CRET@cache'],
    ['OPENAI_BASE_URL', 'ftp://S3CRET@proxy'],
    ['AZURE_OPENAI_API_IMAGE_ENDPOINT', 'S3CRET'],
    ['KILN_SIMULATOR_URL', 'S3CRET'],
  ])('never repeat a secret: %s', (name, value) => {
    const message = problemsOf({
      ...base,
      AZURE_OPENAI_API_IMAGE_KEY: 'S3CRET',
      [name]: value,
    }).join('\n');
    expect(message).toMatch(name);
    expect(message).not.toMatch(/S3CRET/);
  });
});

describe('placeholders', () => {
  test.each<[string, string, string]>([
    ['AZURE_OPENAI_API_IMAGE_KEY', '<YOUR KEY>', '<YOUR KEY>'],
    ['AZURE_OPENAI_API_IMAGE_KEY', '<anything>', '<anything>'],
    ['AZURE_OPENAI_API_IMAGE_MODEL', '<your deployment>', '<your deployment>'],
    [
      'AZURE_OPENAI_API_IMAGE_ENDPOINT',
      'https://<your-resource>.openai.azure.com',
      '<your-resource>',
    ],
    ['OPENAI_API_KEY', 'sk-<Your key>', '<Your key>'],
  ])('%s=%s is reported once', (name, value, placeholder) => {
    expect(problemsOf({ ...azure, [name]: value })).toEqual([
      `${name} still contains the placeholder ${placeholder}: replace it with the real value, ` +
        'or remove the line',
    ]);
  });
});

describe('access from other machines', () => {
  test.each(['0.0.0.0', '::', '192.168.1.7', 'kiln.example'])('HOST=%s needs keys', (HOST) => {
    expect(problemsOf({ ...base, HOST })).toEqual([
      expect.stringMatching(new RegExp(`^HOST is ${HOST}.*KILN_API_KEYS`)),
    ]);
    expect(problemsOf({ ...base, HOST, KILN_API_KEYS: ' , ' })).toHaveLength(1);
    expect(parseConfig({ ...base, HOST, KILN_API_KEYS: 'the-key-of-this-kiln' })).toMatchObject({
      host: HOST,
      apiKeys: ['the-key-of-this-kiln'],
    });
  });

  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('HOST=%s does not', (HOST) => {
    expect(parseConfig({ ...base, HOST }).host).toBe(HOST);
  });
});

test('a key has at least 16 characters, and is never repeated in a message', () => {
  const KILN_API_KEYS = 'the-key-of-this-kiln, sesame-12345678, 0123456789abcdef';
  const problems = problemsOf({ ...base, KILN_API_KEYS });
  expect(problems).toEqual([
    expect.stringMatching(/a key of 15 characters \(number 2\).*at least 16/),
  ]);
  expect(problems.join()).not.toContain('sesame');
});

test.each(['0x10', '1e3', '+5'])('%s is no number', (text) => {
  expect(problemsOf({ ...base, PORT: text })).toEqual([expect.stringContaining('PORT is')]);
  expect(problemsOf({ ...base, KILN_RPM: text })).toEqual([expect.stringContaining('KILN_RPM is')]);
});

test('allowed webhook destinations; a mistake is reported with the others', () => {
  const webhooks = {
    KILN_WEBHOOK_ALLOW: '127.0.0.1:3000, hooks.corp.example',
    KILN_WEBHOOK_TIMEOUT_MS: '5000',
  };
  expect(parseConfig({ ...base, ...webhooks })).toMatchObject({
    webhookAllow: [
      { kind: 'network', address: '127.0.0.1', prefix: 32, port: 3_000 },
      { kind: 'host', host: 'hooks.corp.example', port: null },
    ],
    webhookTimeoutMs: 5_000,
  });
  expect(() =>
    parseConfig({ ...base, KILN_WEBHOOK_ALLOW: '10.0.0.0/99', KILN_RPM: 'many' }),
  ).toThrow(/KILN_RPM[^]*KILN_WEBHOOK_ALLOW contains "10.0.0.0\/99"/);
});
