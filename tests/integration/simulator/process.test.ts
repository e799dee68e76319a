import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../../../apps/simulator/src/main.ts', import.meta.url));

async function startProcess(
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(main, {
    env: { SIMULATOR_LATENCY_MS: '0', SIMULATOR_PICTURES: 'tiny', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [message] = (await once(child, 'message')) as [{ type: string; url: string }];
  expect(message.type).toBe('listening');
  return { child, url: message.url };
}

async function hang(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer key' };
  await fetch(`${url}/_control/faults`, {
    method: 'POST',
    headers,
    body: '{"fault":"hang","times":null}',
  });
  const body = JSON.stringify({ model: 'gpt-image-2', prompt: 'a fox' });
  void fetch(`${url}/v1/images/generations`, { method: 'POST', headers, body }).catch(
    () => undefined,
  );
  await (await fetch(`${url}/_control/ledger?min_calls=1&wait_ms=250000`)).json();
}

test('it reports its URL, and a signal ends it while a call hangs', async () => {
  const { child, url } = await startProcess();
  await hang(url);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0); // the call itself hangs forever
});

test('it ends with its parent', async () => {
  const { child, url } = await startProcess();
  await hang(url);
  child.disconnect();
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
});

test('an invalid environment is a message, not a stack', async () => {
  const child = fork(main, {
    env: { SIMULATOR_RPM: 'many' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(complaint).toMatch(/^The simulator cannot start:\n {2}SIMULATOR_RPM: 'many'/);
  expect(complaint).not.toContain(' at ');
});
