import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../apps/simulator/src/config.ts';
import { startSimulator } from './support.ts';

test('settings can be read, changed and reset', async () => {
  const { control, generate, ledger } = await startSimulator({ seed: 3 });
  const before = await control('GET', '/settings');
  expect(before).toMatchObject({
    rpm: 0,
    seed: 3,
    pictures: 'tiny',
    latency_ms: { min: 0, max: 0 },
    fault_rates: {},
  });
  const changes = {
    rpm: 12,
    latency_ms: '100-200',
    key: 'k',
    deployments: { d: 'gpt-image-2' },
    fault_rates: { hang: 0.1 },
  };
  expect(await control('PATCH', '/settings', changes)).toMatchObject({
    ...changes,
    latency_ms: { min: 100, max: 200 },
  });
  await generate({ prompt: 'a' });
  await control('POST', '/reset');
  expect(await control('GET', '/settings')).toEqual(before);
  expect((await ledger()).entries).toEqual([]);
});

test('invalid settings change nothing, and each is named', async () => {
  const { control } = await startSimulator();
  const wrong = {
    rpm: -1,
    minute_ms: 0,
    latency_ms: '9-3',
    pictures: 'none',
    fault_rates: { flood: 1 },
    colour: 1,
    seed: 5,
  };
  const failure = control('PATCH', '/settings', wrong);
  for (const name of ['rpm', 'minute_ms', 'latency_ms', 'pictures', 'fault_rates', 'colour']) {
    await expect(failure).rejects.toThrow(new RegExp(`${name}: `));
  }
  expect(await control('GET', '/settings')).toMatchObject({ seed: 1 });
});

test('the environment is read, with defaults', () => {
  expect(parseConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 0,
    logLevel: 'info',
    ledgerPath: null,
    settings: {
      rpm: 6,
      minuteMs: 60_000,
      latencyMs: { min: 2000, max: 6000 },
      seed: 1,
      pictures: 'full',
    },
  });
  const env = {
    SIMULATOR_PORT: '8123',
    SIMULATOR_RPM: '0',
    SIMULATOR_LATENCY_MS: '0',
    SIMULATOR_LEDGER: '/tmp/l',
  };
  expect(parseConfig(env)).toMatchObject({
    port: 8123,
    ledgerPath: '/tmp/l',
    settings: { rpm: 0, latencyMs: { min: 0, max: 0 } },
  });
});

test('every wrong variable is named at once', () => {
  const env = {
    SIMULATOR_PORT: 'x',
    SIMULATOR_RPM: 'many',
    SIMULATOR_LATENCY_MS: '2s',
    SIMULATOR_PICTURES: 'big',
    LOG_LEVEL: 'loud',
  };
  expect(() => parseConfig(env)).toThrow(ConfigError);
  for (const name of Object.keys(env)) expect(() => parseConfig(env)).toThrow(`${name}: `);
});
