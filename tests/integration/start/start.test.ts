/**
 * `npm start` on one data folder: from an empty folder to a picture, through restarts, to the end.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Job } from '@kiln/shared/schemas/job';
import { describe, expect, test } from 'vitest';
import { systemUserName } from '../../../scripts/start/system-user.ts';
import { forget, guardProcess } from '../../support/engines/guard.ts';
import { postJson } from '../../support/kiln.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { readiness } from '../api/support.ts';
import {
  processBelow,
  processesBelow,
  startAll,
  stillRunning,
  type StartedKiln,
} from './support.ts';

const folder = temporaryFolder('start', { isExecutable: true }).path;
const dataDir = join(folder, 'data');

async function makePicture(url: string): Promise<Job> {
  const response = await postJson(`${url}/v1/jobs`, { prompt: 'A boat' }, { prefer: 'wait=60' });
  const job = (await response.json()) as Job;
  expect(job).toMatchObject({ status: 'succeeded', deployment: 'simulator' });
  return job;
}

async function expectPicture(url: string, { id }: Job): Promise<void> {
  const response = await fetch(`${url}/v1/jobs/${id}/images/0`);
  expect(response.status).toBe(200);
  expect(
    Buffer.from(await response.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
}

const isRoot = process.getuid?.() === 0;
const modeOf = (path: string) => statSync(path).mode & 0o777;
const ownerOf = (path: string) =>
  execFileSync('stat', ['-c', '%U', path], { encoding: 'utf8' }).trim();

/** The files and folders below that another user may read or change. */
function openToOthers(below: string): string[] {
  return readdirSync(below, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('programs'))
    .filter((name) => (modeOf(join(below, name)) & 0o077) !== 0);
}

function simulatorOf(kiln: StartedKiln): string {
  return /the simulator at (\S+)/.exec(kiln.output.stdout)?.[1] ?? '';
}

describe('on an empty folder', () => {
  let kiln: StartedKiln;
  let url: string;
  const jobs: Job[] = [];

  test('it becomes ready and makes a picture', async () => {
    kiln = startAll({ KILN_DATA_DIR: dataDir });
    url = await kiln.ready();
    expect(kiln.output.stdout).toMatch(/nothing is paid/);
    expect(kiln.output.stdout).toMatch(/600 requests a minute/);
    expect((await readiness(url)).body).toEqual({ status: 'ok', database: 'ok', queue: 'ok' });
    const job = await makePicture(url);
    jobs.push(job);
    await expectPicture(url, job);
    // The simulator keeps its own ledger beside the records.
    expect(readFileSync(join(dataDir, 'simulator-ledger.jsonl'), 'utf8')).toContain(job.id);
  });

  test('no other user can read a file of it, and the database has a user of its own', () => {
    expect(openToOthers(dataDir)).toEqual([]);
    expect(modeOf(dataDir)).toBe(isRoot ? 0o711 : 0o700);
    expect(ownerOf(join(dataDir, 'postgres'))).toBe(isRoot ? systemUserName : userInfo().username);
    const { pid } = processBelow(kiln.pid, `${dataDir}/postgres`);
    expect(ownerOf(`/proc/${pid}`)).toBe(ownerOf(join(dataDir, 'postgres')));
  });

  test('the command it shows works', async () => {
    const [, path, body] =
      /(\/v1\/jobs) [^']*'content-type[\s\S]*?-d '(\{.*\})'/.exec(kiln.output.stdout) ?? [];
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      body: body ?? null,
      headers: {
        'content-type': 'application/json',
        accept: 'image/*',
        prefer: 'wait=60',
      },
    });
    expect(response.headers.get('content-type')).toBe('image/png');
  });

  test('a second one on its folder is refused', async () => {
    const second = startAll({ KILN_DATA_DIR: dataDir });
    expect(await second.ended).toBe(1);
    expect(second.output.stderr).toBe(
      `Kiln already runs on ${dataDir} (process ${kiln.pid}): stop it, or set KILN_DATA_DIR ` +
        `and PORT for a second one\n`,
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('a second one on its port fails with one sentence and leaves nothing running', async () => {
    const { port } = new URL(url);
    const second = startAll({ KILN_DATA_DIR: join(folder, 'other'), PORT: port });
    const processes = await waitFor(
      () => ((below) => below.length > 1 && below)(processesBelow(second.pid)),
      {
        what: 'its engines to run',
      },
    );
    expect(await second.ended).toBe(1);
    const said = second.output.stderr
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('kiln: stopping'));
    expect(said).toEqual([
      `port ${port} on 127.0.0.1 is in use: stop the process that listens there, or set PORT ` +
        'to another port',
    ]);
    expect(second.output.stdout).not.toMatch(/is ready/);
    expect(stillRunning(processes)).toEqual([]);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('a worker that is killed is started again, and nothing is lost', async () => {
    const worker = processBelow(kiln.pid, 'apps/worker/src/main.ts');
    process.kill(worker.pid, 'SIGKILL');
    const meanwhile = (await (
      await postJson(`${url}/v1/jobs`, { prompt: 'A ship' })
    ).json()) as Job;
    await waitFor(() => /the worker runs again \(process \d+\)/.test(kiln.output.stderr), {
      what: 'a new worker',
    });
    expect(kiln.output.stderr).toContain(
      `the worker (process ${worker.pid}) was killed by SIGKILL; starting it again in 1 s\n`,
    );

    const response = await fetch(`${url}/v1/jobs/${meanwhile.id}`, {
      headers: { prefer: 'wait=60' },
    });
    expect(await response.json()).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
    jobs.push(meanwhile);
  });

  test('a worker that dies while it starts again stops nothing else', async () => {
    const workerFile = 'apps/worker/src/main.ts';
    const restarts = () => kiln.output.stderr.split('the worker runs again').length;
    const before = restarts();
    const first = processBelow(kiln.pid, workerFile).pid;
    process.kill(first, 'SIGKILL');
    const second = await waitFor(
      () => processesBelow(kiln.pid).find((each) => each.command.includes(workerFile)),
      { what: 'the next worker to be spawned' },
    );
    expect(second.pid).not.toBe(first);
    process.kill(second.pid, 'SIGKILL');
    await waitFor(() => restarts() > before, { what: 'a worker that runs again' });
    expect(kiln.output.stderr).toMatch(
      /the worker could not be started again: .+; trying again in \d+ s\n/,
    );
    jobs.push(await makePicture(url));
  });

  test('SIGTERM: the call under way is finished, everything ends, with code 0', async () => {
    const control = `${simulatorOf(kiln)}/_control`;
    const patch = { method: 'PATCH', headers: { 'content-type': 'application/json' } };
    await fetch(`${control}/settings`, { ...patch, body: '{"gate": true}' });
    const last = (await (await postJson(`${url}/v1/jobs`, { prompt: 'The last' })).json()) as Job;
    await fetch(`${control}/ledger?in_flight=1&wait_ms=250000`);
    const processes = processesBelow(kiln.pid);
    // At least the database, the simulator, the worker and the API.
    expect(processes.length).toBeGreaterThanOrEqual(4);

    kiln.signal('SIGTERM');
    await waitFor(
      () =>
        fetch(`${url}/livez`).then(
          () => false,
          () => true,
        ),
      { what: 'the API to end' },
    );
    await fetch(`${control}/settings`, { ...patch, body: '{"gate": false}' });
    expect(await kiln.ended).toBe(0);
    expect(stillRunning(processes)).toEqual([]);
    expect(existsSync(join(dataDir, 'start.pid'))).toBe(false);
    jobs.push(last);
  });

  test('started again, everything is still there, and private', async () => {
    // A release before this one left files open, and ran the database of root as another user.
    chmodSync(join(dataDir, 'objects'), 0o755);
    chmodSync(join(dataDir, 'simulator-ledger.jsonl'), 0o644);
    if (isRoot) execFileSync('chown', ['-R', 'nobody', join(dataDir, 'postgres')]);
    kiln = startAll({ KILN_DATA_DIR: dataDir });
    url = await kiln.ready();
    expect(openToOthers(dataDir)).toEqual([]);
    for (const job of jobs) {
      expect(await (await fetch(`${url}/v1/jobs/${job.id}`)).json()).toMatchObject({
        status: 'succeeded',
      });
      await expectPicture(url, job);
    }
    await makePicture(url);
  });

  test('after it was killed itself, the next start stops what was left and works', async () => {
    const processes = processesBelow(kiln.pid);
    const database = processBelow(kiln.pid, `${dataDir}/postgres`).pid;
    // Stops the database if this run ends before the next start has stopped it.
    guardProcess(database, 'SIGQUIT');
    kiln.signal('SIGKILL');
    expect(await kiln.ended).toBe(null);
    const ours = processes.filter(({ command }) => command.includes('/src/main.ts'));
    expect(ours).toHaveLength(3);
    await waitFor(() => stillRunning(ours).length === 0, { what: 'our processes to follow' });

    kiln = startAll({ KILN_DATA_DIR: dataDir });
    url = await kiln.ready();
    // The new start has also stopped the database that was left.
    expect(stillRunning(processes)).toEqual([]);
    forget(database);
    await makePicture(url);
    kiln.signal('SIGINT');
    expect(await kiln.ended).toBe(0);
  });
});

test('all mistakes in the settings are reported before anything is created', async () => {
  const untouched = join(folder, 'untouched');
  const kiln = startAll({
    KILN_DATA_DIR: untouched,
    PORT: 'http',
    KILN_RPM: 'six',
    HOST: '0.0.0.0',
  });
  expect(await kiln.ended).toBe(1);
  const lines = kiln.output.stderr.trimEnd().split('\n');
  expect(lines[0]).toBe('The configuration has 3 mistakes:');
  expect(
    lines
      .slice(1)
      .map((line) => line.split(' ')[3] ?? '')
      .toSorted(),
  ).toEqual(['HOST', 'KILN_RPM', 'PORT']);
  expect(existsSync(untouched)).toBe(false);
});
