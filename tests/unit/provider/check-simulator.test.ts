import { parseConfig } from '@kiln/shared/config';
import { checkSimulatorHost } from '@kiln/shared/provider/check-simulator';
import { expect, test } from 'vitest';

const check = (variables: Record<string, string>): Promise<void> =>
  checkSimulatorHost(parseConfig({ DATABASE_URL: 'postgres://db/kiln', ...variables }).deployments);

test('without a provider, and without the host of the simulator, nothing starts', async () => {
  await expect(check({ KILN_SIMULATOR_URL: 'http://simulator.invalid:9000' })).rejects.toThrow(
    /^no provider is configured.*"simulator\.invalid" of KILN_SIMULATOR_URL cannot be found/,
  );
});

test.each([
  { KILN_SIMULATOR_URL: 'http://127.0.0.1:1' },
  { KILN_SIMULATOR_URL: 'http://[::1]:1' },
  { KILN_SIMULATOR_URL: 'http://simulator.invalid:9000', OPENAI_API_KEY: 'key' },
])('%o starts', async (variables) => {
  await expect(check(variables)).resolves.toBeUndefined();
});
