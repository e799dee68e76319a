/** Runs the code of docs/webhooks.md, and `npm run listen`. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Endpoint } from '@kiln/shared/schemas/webhook';
import { createEgress } from '@kiln/shared/webhooks/egress';
import { buildSecret } from '@kiln/shared/webhooks/signing';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { engineNamed } from '../api/support.ts';
import { forget, guardProcess } from '../../support/engines/guard.ts';
import { startKiln } from '../../support/kiln.ts';
import { startReceiver } from '../../support/network/receiver.ts';
import { freePort } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ask, call, createEndpoint, onlyDelivery, webhookEnv } from './support.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const document = readFileSync(join(root, 'docs', 'webhooks.md'), 'utf8');

function blocks(language: string): string[] {
  return [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code ?? '',
  );
}

/** Starts a script as a child process and collects its output. */
function start(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const state = { output: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (state.output += piece));
  const { pid = 0 } = child;
  guardProcess(pid, 'SIGKILL');
  child.once('exit', () => forget(pid));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output: () => state.output };
}

/** Writes the script inside the checkout, so that it finds the packages that it imports. */
function scriptOf(code: string): string {
  const folder = join(root, '.tmp', 'documented');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash('sha256').update(code).digest('hex').slice(0, 12)}.ts`);
  writeFileSync(file, code);
  return file;
}

const receivers = blocks('ts');

test('two receivers are documented', () => expect(receivers).toHaveLength(2));

test.each(
  receivers.map((code) => [/from '(standardwebhooks|openai)'/.exec(code)?.[1], code] as const),
)(
  'the documented receiver with %s accepts what Kiln sends and rejects a forged event',
  async (_name, code) => {
    const [kiln, port] = await Promise.all([
      startKiln({ engine: engineNamed('postgres'), env: webhookEnv }),
      freePort(),
    ]);
    const url = `http://127.0.0.1:${port}/`;
    const endpoint = await createEndpoint(kiln, url, ['job.succeeded']);
    const receiver = start([scriptOf(code)], { SECRET: endpoint.secret, PORT: String(port) });
    const job = await kiln.submit();
    const delivery = await onlyDelivery(kiln, endpoint.id, { status: 'delivered' });
    await waitFor(() => receiver.output().includes(`job.succeeded ${delivery.event_id}`), {
      what: 'it to print the event',
    });
    expect(delivery.job_id).toBe(job.id);
    const forged = await call(
      { request: (path, init) => fetch(new URL(path, url), init) },
      'POST',
      '/',
      { id: delivery.event_id },
      { 'webhook-id': delivery.event_id, 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' },
    ).catch(() => ({ status: 400 }));
    expect(forged.status).toBe(400);
  },
);

test('the documented recipe of openssl and curl signs as the specification says', async () => {
  const recipe = blocks('sh').find((code) => code.includes('openssl'));
  const secret = buildSecret();
  const receiver = await startReceiver();
  const { stdout } = await run('bash', ['-euc', recipe ?? 'exit 1'], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', SECRET: secret, URL: receiver.url },
  });
  expect(stdout.trim()).toBe('204');
  const [{ body, headers } = { body: '', headers: {} }] = receiver.heard;
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'job.succeeded',
  });
});

test('npm run listen registers itself, prints verified events, and removes itself', async () => {
  const [kiln, port] = await Promise.all([
    startKiln({ engine: engineNamed('postgres'), env: webhookEnv }),
    freePort(),
  ]);
  const listener = start(['scripts/listen.ts', '--kiln', kiln.url, '--port', String(port)], {});
  await waitFor(() => listener.output().includes('Registered'), { what: 'it to be registered' });
  const job = await kiln.submit();
  const line = new RegExp(`verified  evt_\\w+  job.succeeded  .*${job.id}`);
  await waitFor(() => line.test(listener.output()), { what: 'it to print the event' });
  listener.child.kill('SIGTERM');
  await waitFor(
    async () =>
      (await ask<{ data: Endpoint[] }>(kiln, 'GET', '/v1/webhook_endpoints')).data.length === 0,
    {
      what: 'the endpoint to be deleted',
    },
  );
});

test('webhooks bypass the proxies of the environment', async () => {
  const [receiver, proxy] = await Promise.all([startReceiver(), startReceiver()]);
  const script = scriptOf(`
import { parseWebhookAllow } from '@kiln/shared/config/webhook-allow';
import { createEgress } from '@kiln/shared/webhooks/egress';
import { resolveHost } from '@kiln/shared/webhooks/resolve-host';
const allowed = parseWebhookAllow('127.0.0.1, localhost', []);
const egress = createEgress({ allowed, resolve: resolveHost });
const { signal } = new AbortController();
for (const url of process.argv.slice(2)) {
  const outcome = await egress.post({ url, headers: {}, body: '{}', timeoutMs: 5000, signal });
  console.log(JSON.stringify(outcome));
}
`);
  const names = [
    'HTTP_PROXY',
    'http_proxy',
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
    'all_proxy',
  ];
  const { stdout } = await run(
    process.execPath,
    [script, receiver.url, receiver.url.replace('127.0.0.1', 'localhost')],
    {
      cwd: root,
      env: {
        ...Object.fromEntries(names.map((name) => [name, new URL(proxy.url).origin])),
        NODE_USE_ENV_PROXY: '1',
        PATH: '',
      },
    },
  );
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { httpStatus?: number }).httpStatus),
  ).toContain(204);
  expect(receiver.heard.length).toBeGreaterThanOrEqual(1);
  expect(proxy.connections()).toBe(0);
});

test('a name server that never answers cannot exceed the time limits', async () => {
  const egress = createEgress({ allowed: [], resolve: () => new Promise(() => undefined) });
  expect(await egress.check('https://silent.example/')).toEqual({ status: 'undecided' });
  const signal = new AbortController().signal;
  const outcome = await egress.post({
    url: 'https://silent.example/',
    headers: {},
    body: '',
    timeoutMs: 100,
    signal,
  });
  expect(outcome).toEqual({ status: 'failed', error: 'timed_out' });
});
