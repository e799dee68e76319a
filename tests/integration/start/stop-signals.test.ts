/**
 * Signals in the first moments of a process. The first process of a container ignores a signal that
 * it has no handler for, so the processes here run in a PID namespace of their own where the system
 * allows it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const root = join(import.meta.dirname, '../../..');
const waitingScript = join(import.meta.dirname, 'waiting-script.ts');
const signalWhileLoading = join(import.meta.dirname, 'signal-while-loading.mjs');

/** Commands that run the rest of their arguments as the first process of a PID namespace. */
const namespaces = [
  ['unshare', '--pid', '--fork', '--kill-child'],
  ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'],
];
const asFirstProcess = namespaces.find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'true']).status === 0,
);

/** A database that accepts connections and never answers, so that no start comes to its end. */
async function openSilentServer() {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const accepted = { connections: 0 };
  server.on('connection', (socket) => {
    accepted.connections += 1;
    onTestFinished(() => void socket.destroy());
  });
  const { port } = server.address() as AddressInfo;
  return { accepted, url: `postgres://kiln@127.0.0.1:${port}/kiln` };
}

function start(app: string, databaseUrl: string, { isFirst = false, nodeArguments = [''] } = {}) {
  const command = [
    ...(isFirst ? (asFirstProcess ?? []) : []),
    process.execPath,
    ...nodeArguments.filter((argument) => argument !== ''),
    join('apps', app, 'src/main.ts'),
  ];
  const child = spawn(command[0]!, command.slice(1), {
    cwd: root,
    env: {
      PATH: path,
      DATABASE_URL: databaseUrl,
      KILN_SIMULATOR_URL: 'http://127.0.0.1:1',
      KILN_DATA_DIR: temporaryFolder('signals').path,
      PORT: '0',
      SIMULATOR_HOST: '127.0.0.1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { output: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said.output += text));
  return Object.assign(child, { said });
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

describe.each(['api', 'worker', 'simulator'])('the %s', (app) => {
  test('ends on a SIGTERM that arrives while it loads its modules', async () => {
    const silent = await openSilentServer();
    const child = start(app, silent.url, {
      isFirst: true,
      nodeArguments: ['--import', signalWhileLoading],
    });
    expect(await codeOf(child)).toBe(0);
  });
});

test.each(['api', 'worker'])('the %s ends on a SIGTERM during its start', async (app) => {
  const silent = await openSilentServer();
  const child = start(app, silent.url);
  await waitFor(() => silent.accepted.connections > 0, { what: 'it to wait for its database' });
  child.kill('SIGTERM');
  expect(await codeOf(child)).toBe(0);
});

test.each(['api', 'worker'])('the log of the %s says which error has ended it', async (app) => {
  const silent = await openSilentServer();
  const throwLater = "process.on('SIGUSR2', () => { throw new Error('a mistake'); });";
  const child = start(app, silent.url, {
    nodeArguments: ['--import', `data:text/javascript,${throwLater}`],
  });
  await waitFor(() => silent.accepted.connections > 0, { what: 'it to wait for its database' });
  child.kill('SIGUSR2');
  expect(await codeOf(child)).toBe(1);
  const line = child.said.output.split('\n').find((each) => each.includes('"level":60')) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({
    msg: 'the process ends because of an error that nothing handles',
    origin: 'uncaughtException',
    err: { message: 'a mistake' },
  });
});

test('a script ends when the npm that runs it ends', async () => {
  // Between npm and the script there is a shell.
  const npm = spawn(
    'sh',
    ['-c', `${process.execPath} scripts/bootstrap.mjs ${waitingScript}; true`],
    {
      cwd: root,
      env: { PATH: path, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(npm.stdout, 'close');
  const pid = await waitFor(() => /^waiting (\d+)$/m.exec(output)?.[1], {
    what: 'the script to run',
  });
  onTestFinished(() => void spawnSync('kill', ['-9', pid]));
  npm.kill('SIGKILL');
  await closed; // the script has ended
  expect(output).toContain('asked to stop');
});
